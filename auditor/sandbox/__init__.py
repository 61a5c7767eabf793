"""The embedded local AWS, an optional extra: ministack for all services but CodeDeploy, moto for that one."""
