async function sendSmsToContacts(token: string, payload: SmsContactsMessagePayload) {
  const response = await fetch('/api/messages/sms/contacts', {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Authorization: `Bearer ${token}`,
    },
    body: JSON.stringify(payload),
  });

  if (!response.ok) {
    throw new Error(`SMS enqueue failed: ${response.status}`);
  }

  const data: MessageEnqueueResultDto = await response.json();
  return data;
}

// Usage
const result = await sendSmsToContacts('your-token', {
  message: 'Welcome to SendMe! Your account has been activated.',
  contacts: ['3001234567', '3007654321'],
  country: 'CO'
});

console.log(`SMS enqueued: ${result.messages.length}`);
console.log(`Queue ID: ${result.queueId}`);
