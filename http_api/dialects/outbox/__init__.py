"""The outbox dialect: `/api/sms/...`, for apps that reconcile units and cost, and resend what failed (document 002)."""
