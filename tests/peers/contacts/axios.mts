import axios from 'axios';

async function sendSmsToContacts(token: string, payload: SmsContactsMessagePayload) {
  const { data } = await axios.post<MessageEnqueueResultDto>(
    '/api/messages/sms/contacts',
    payload,
    {
      headers: {
        Authorization: `Bearer ${token}`,
      },
    },
  );

  return data;
}

// Usage
const result = await sendSmsToContacts('your-token', {
  message: 'Your verification code is: 123456',
  contacts: ['3001234567'],
  type: 'OTP'
});
