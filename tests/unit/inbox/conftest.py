from tests.unit.sending.conftest import account, clock, services, upstream

__all__ = ["account", "clock", "services", "upstream"]
