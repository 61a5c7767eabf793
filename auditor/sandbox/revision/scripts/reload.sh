#!/bin/sh
set -eu
systemctl reload nginx
