"""The orchestrator dialect: `/v1/sms/...`, for back-end services behind an API gateway."""
