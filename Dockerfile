# The program as a container, for one that does not write to its file system but for /tmp:
#
#   docker build -t auditor .
#   docker run --rm --read-only --tmpfs /tmp auditor --help
#
# The base is pinned to a minor version of Python, not to a digest: it is built anew to get Debian's fixes. What is
# installed into it is held against the hashes of constraints-run.txt. The embedded AWS is not in it.
FROM python:3.12-slim AS build
WORKDIR /source
RUN python -m venv /opt/auditor
COPY constraints-run.txt constraints.txt ./
# Only wheels: nothing that is fetched is run here. Then setuptools, to pack the program itself.
RUN /opt/auditor/bin/pip install --no-cache-dir --no-compile --only-binary=:all: --require-hashes -r constraints-run.txt \
    && python -m venv /opt/build \
    && sed -n '/^setuptools==/,/[^\\]$/p' constraints.txt > setuptools.txt \
    && /opt/build/bin/pip install --no-cache-dir --require-hashes -r setuptools.txt
COPY setup.cfg pyproject.toml README.md LICENSE ./
COPY auditor auditor
COPY templates templates
RUN /opt/build/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels . \
    && /opt/auditor/bin/pip install --no-cache-dir --no-deps --no-index /wheels/*.whl \
    && /opt/auditor/bin/python -m compileall -q /opt/auditor/lib \
    && /opt/auditor/bin/pip uninstall --quiet --yes pip setuptools

FROM python:3.12-slim
LABEL org.opencontainers.image.title="auditor" \
      org.opencontainers.image.description="Finds where AWS regions are configured differently from a golden region" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /opt/auditor /opt/auditor
ENV PATH=/opt/auditor/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp
# By number, so that who runs it can tell that it is not root.
USER 10001:10001
WORKDIR /tmp
# Where the rest is read-only, it is still a place to write, with the image's own permissions.
VOLUME ["/tmp"]
HEALTHCHECK NONE
ENTRYPOINT ["auditor"]
