import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Redactor } from './redaction.js';
import { SECRET as SECRET_WORDS, SECRET_ALONE, SECRET_AT_END, SECRET_HINT } from './secrets/words.js';

function names(list: string): string[] {
  return list.trim().split(/\s+/);
}

const SECRET = names(`
  password Password PASSWORD passWord pass_word pAsSwOrD user_password userpassword userPassword PGPASSWORD
  password2 old_password newPassword currentPassword password_confirmation passwordConfirm password_hash
  passwordHash password_digest encrypted_password admin_pass DB_PASS smtp.pass pass passwd mysql_pwd userpwd
  passphrase passcode pass-phrase passwords user_passwords
  secret client_secret clientSecret clientsecret CLIENT-SECRET secrets secret_key aws_secret_access_key secretId
  token accessToken access_token accesstoken refresh_token id_token idToken csrf_token csrfmiddlewaretoken
  X-CSRF-Token XSRF-TOKEN x-xsrf-token _csrf csrf authenticity_token tokens refresh_tokens token1 auth_token
  remember_token resetPasswordToken session_token jwt bearer
  apikey apiKey api_key api-key X-Api-Key x_api_key xapikey API_KEY api.key apiKeys APIKey api_key_2 access_key
  accessKey private_key privateKey ssh_private_key encryptionKey signing_key session_key sessionKey SESSION_KEY
  masterKey Ocp-Apim-Subscription-Key AccountKey SECRET_KEY_BASE
  authorization Authorization AUTHORIZATION HTTP_AUTHORIZATION Proxy-Authorization authorization_code assertion
  client_assertion SAMLResponse samlresponse credential credentials db_credentials
  cookie Cookie cookies Set-Cookie setCookie HTTP_COOKIE connect.sid PHPSESSID JSESSIONID sid sessionid
  ASP.NET_SessionId
  otp otpCode totp_secret one_time_password one-time-code mfa_code mfaCode mfaSecret 2fa_code twoFactorCode
  recovery_code recovery_codes backupCodes verification_code code_verifier pin PIN user_pin pinCode pin_code
  card card_number cardNumber cardnumber cardNo cc_number creditCard credit_card creditcard debitCard cards
  cvv cvv2 CVC cvc2 card_cvc security_code iban IBAN patient_iban
  ssn SSN social_security_number tfn TFN taxFileNumber medicare medicare_number medicareNo patient_medicare
  medicareCard
  dsn SENTRY_DSN DATABASE_URL databaseUrl db_url connection_string connectionString REDIS_URL mongodb_uri
  salt private
  a.b[3].client_secret user[password] a[b][c][PassWord] tokens[0] tokens[0].value password[] card.number
  headers.authorization req.headers["x-api-key"] $.user.password password.value secret.1
  ｐａｓｓｗｏｒｄ pass​word
`);

const ORDINARY = names(`
  id name firstName email phone address notes note value units status type date created_at updatedAt role
  author author_id authored_by authority authorised_by passenger passengers monkey keyboard key keys keywords
  key_id primary_key foreignKey publicKey secretary secretariat discard discarded cardiology cardiologist
  cardinality postcard scorecard wildcard tokenizer tokenize tokenization compass compassion pinned pinning
  shipping shipping_address spinal_tap opinion pineapple passive passage bypass pass_rate passing encompass
  passwordless passwordless_login
  tokens_used used_tokens token_count token_type tokenType token_expires_at max_tokens maxTokens total_tokens
  prompt_tokens completionTokens number_of_tokens tokens_per_minute tokens_remaining token_economy
  token_id api_key_id key_name
  password_changed_at passwordChangedAt password_reset_at password_expires password_expiry password_age
  password_policy password_length passwordStrength password_enabled password_attempts password_reset_required
  has_password hasPassword is_password_set isSecret must_change_password requires_token needsPassword
  hasPasswordHash can_use_api_key accept_cookies
  cookie_policy cookieConsent cookie_domain card_brand cardBrand card_last4 cardLast4 card_last_4 card_type
  card_expiry_month card_id has_card secret_version otp_enabled totp_verified_at mfa_enabled pin_attempts
  authorization_status authorization_id prior_authorization pre_authorization priorAuthorization
  medicare_rebate medicare_item_number medicare_eligible
  session sessions session_id sessionId session_type sessionNotes signature pan auth auth_provider authMethod
  oauth_provider certificate medical_certificate private_notes is_private salt_intake diagnosis_code
  postal_code url callback_url base_url database database_name dosage dose_units pan_x_ray
  assertiveness beard bearer_id cookiecutter cryptography ban iban_country tfn_verified
  user.name a.b[3].title items[0] [] . 0 12 __proto__ constructor
`);

describe('names of fields', () => {
  const redactor = new Redactor();

  it.each(SECRET)('P37: hides the value of %s', (name) => {
    expect(redactor.isSecret(name)).toBe(true);
  });

  it.each(ORDINARY)('P37: leaves the value of %s', (name) => {
    expect(redactor.isSecret(name)).toBe(false);
  });

  it('has a hint for every secret word, without which the word would never be looked for', () => {
    const all = [...SECRET_WORDS, ...SECRET_AT_END, ...SECRET_ALONE];
    expect(all.filter((word) => !SECRET_HINT.test(word.replaceAll(/\d/g, '')))).toEqual([]);
  });

  it('leaves a field without a name', () => {
    expect(redactor.isSecret('')).toBe(false);
  });

  it('P37: is blind to case and to the way words are joined', () => {
    const word = fc.constantFrom(['pass', 'word'], ['client', 'secret'], ['api', 'key'], ['card', 'number']);
    const spelling = fc.constantFrom('_', '-', '.', ' ', '', '__', '][');
    const cased = fc.infiniteStream(fc.boolean());
    fc.assert(
      fc.property(word, spelling, cased, (parts, gap, upper) => {
        const letters = parts.join(gap).split('');
        const name = letters.map((letter) => (upper.next().value ? letter.toUpperCase() : letter)).join('');
        expect(redactor.isSecret(name)).toBe(true);
      }),
    );
  });

  it('takes further names in any spelling, alone or within a longer name', () => {
    const strict = new Redactor({ names: ['genetic_marker', 'MRN', 'is_adopted', 'password_changed_at'] });
    for (const name of [
      'geneticMarker',
      'GENETIC-MARKER',
      'patient_genetic_marker',
      'a.b[0].mrn',
      'isAdopted',
    ]) {
      expect([name, strict.isSecret(name)]).toEqual([name, true]);
    }
    expect(strict.isSecret('passwordChangedAt')).toBe(true);
    for (const name of ['genetic', 'marker', 'mrna', 'adopted']) {
      expect([name, strict.isSecret(name)]).toEqual([name, false]);
    }
  });

  it('keeps the names it is told to keep, and only those', () => {
    const lenient = new Redactor({ keep: ['pin', 'session_key', 'card'] });
    expect(['pin', 'PIN', 'map.pin', 'sessionKey', 'card'].filter((name) => lenient.isSecret(name))).toEqual(
      [],
    );
    const still = ['pin_code', 'card_number', 'password', 'password.pin', 'user_pin'];
    expect(still.filter((name) => lenient.isSecret(name))).toEqual(still);
  });

  it('hides a name that is both listed and kept', () => {
    expect(new Redactor({ names: ['nickname'], keep: ['nickname'] }).isSecret('nickname')).toBe(true);
  });

  it('ignores listed names without a letter in them', () => {
    const redacting = new Redactor({ names: ['', '.', '7'], keep: [''] });
    expect(redacting.isSecret('anything')).toBe(false);
    expect(redacting.isSecret('')).toBe(false);
  });

  it('gives the same answer after thousands of other names have passed', () => {
    for (let at = 0; at < 10_000; at++) redactor.isSecret(`field${at}`);
    expect(redactor.isSecret('password')).toBe(true);
    expect(redactor.isSecret('author')).toBe(false);
  });

  it('answers for any text whatever', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        expect(redactor.isSecret(name)).toBeTypeOf('boolean');
      }),
    );
  });

  it.each(['a', 'aB_', '.a', '1', 'a1', 'password', '[', 'É'])(
    'answers quickly for a megabyte of %s',
    (unit) => {
      const name = unit.repeat((1 << 20) / unit.length);
      const before = performance.now();
      redactor.isSecret(name);
      expect(performance.now() - before).toBeLessThan(500);
    },
  );

  it('looks at the end of a name that is far too long', () => {
    expect(redactor.isSecret(`${'a.'.repeat(100_000)}password`)).toBe(true);
  });
});
