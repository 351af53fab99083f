import { DEMO_ACCOUNTS, passwordOf } from './people.js';

/** What a visitor is told at the start. */
export function welcome(port: number): string {
  const url = `http://localhost:${port}`;
  const accounts = DEMO_ACCOUNTS.map((username) => `${username} / ${passwordOf(username)}`);
  return `
The clinic is open: ${url}/api/health/
The audit trail:    ${url}/api/audit/logs/ (owner only)
Demo accounts:      ${accounts.join(', ')}

Try:
  TOKEN=$(curl -s ${url}/api/login/ -H 'Content-Type: application/json' -d '{"username":"owner","password":"owner-demo"}' | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')
  curl -s -X PATCH ${url}/api/appointments/7/ -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{"notes":"Likes jazz."}'
  curl -s "${url}/api/audit/logs/?model=Appointment&object_id=7" -H "Authorization: Bearer $TOKEN"
`;
}
