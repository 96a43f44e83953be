"""Settings for every test: what hypothesis does by default."""

from hypothesis import HealthCheck, settings

# No deadline: how long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile(
    "trunkline", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("trunkline")
