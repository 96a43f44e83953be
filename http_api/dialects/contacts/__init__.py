"""The contacts dialect: `/api/messages/sms/...` and `/api/terms`, for a back office that pastes local numbers."""
