function words(list: string): ReadonlySet<string> {
  return new Set(list.trim().split(/\s+/));
}

/** Words, and adjacent words joined, that make a field secret wherever they stand in its name. */
export const SECRET: ReadonlySet<string> = words(`
  password passwd passw psw pwd passphrase passcode passkey secret token jwt bearer credential
  passwordhash passwordsalt passworddigest passwordconfirm passwordconfirmation
  authorization assertion samlresponse cookie csrf xsrf connectsid phpsessid jsessionid netsessionid
  apikey appkey accesskey secretkey privatekey privkey encryptionkey decryptionkey signingkey sessionkey
  masterkey sharedkey authkey accountkey sshkey hmackey rsakey aeskey deploykey recoverykey subscriptionkey
  otp totp pin pincode secretid authcode accesscode authorizationcode codeverifier
  mfacode tfacode 2facode twofactorcode onetimecode smscode recoverycode backupcode verificationcode resetcode
  card creditcard debitcard cardnumber cardnum cardno ccnumber ccnum cvv cvc cvn securitycode iban
  ssn socialsecuritynumber socialsecurityno tfn taxfilenumber medicarenumber medicarenum medicareno medicareid
  dsn connectionstring connstring connstr databaseurl databaseuri dburl dburi jdbcurl redisurl amqpurl
  mysqlurl postgresurl postgresqlurl mongourl mongouri mongodburl mongodburi
`);

/** Secret only as the end of a property: `db_pass`, not `pass_rate`; `medicare`, not `medicare_rebate`. */
export const SECRET_AT_END: ReadonlySet<string> = words('pass medicare socialsecurity');

/** Secret only as the whole property: `salt`, not `salt_intake`; `sessionid` (a cookie), not `session_id`. */
export const SECRET_ALONE: ReadonlySet<string> = words('sid sessionid salt crypt private');

/** Words written without a gap that end in a secret, such as `userpassword` or `xapikey`. */
export const SECRET_ENDING: RegExp =
  /(?:password|passwd|passphrase|passcode|pwd|secret|token|apikey|accesskey|privatekey|secretkey|cookie)$/;

/** Every secret word and phrase holds one of these, so that most names are done with after one look. */
export const SECRET_HINT: RegExp =
  /pass|psw|pwd|secret|token|jwt|bearer|credential|auth|assert|saml|cookie|csrf|xsrf|sess|sid|key|otp|pin|code|card|ccn|cv[cnv]|iban|ssn|social|tfn|taxfile|medicare|dsn|conn|ur[il]|salt|crypt|private/;

/** Phrases of clinics and language models that hold a secret word and mean something else. */
export const INNOCENT: ReadonlySet<string> = words(`
  priorauthorization preauthorization tokeneconomy reportcard businesscard indexcard
  maxtokens mintokens totaltokens numtokens oftokens usedtokens unusedtokens remainingtokens availabletokens
  prompttokens completiontokens inputtokens outputtokens cachedtokens reasoningtokens averagetokens
`);

/** A name that ends so tells something about a secret, not the secret: `token_type`, `card_last4`. */
export const ABOUT_AT_END: ReadonlySet<string> = words(`
  count counts used usage remaining budget attempts tries retries failures id ids uuid name label type kind
  at on by date time month year age days hours minutes seconds ms changed updated created issued verified set
  expires expire expiry expired expiration ttl length len size limit limits version strength score policy rules
  enabled disabled required optional allowed supported valid invalid revoked rotated eligible status state
  algorithm alg method format encoding scope scopes issuer audience endpoint domain consent banner notice
  brand network funding country holder last last4
`);

/** A property that begins so asks about a secret: `has_password`, `mustChangePassword`. */
export const ABOUT_AT_START: ReadonlySet<string> = words(`
  is are was has had can must should will does did needs need requires require allow allows accept accepts
  accepted support supports
`);
