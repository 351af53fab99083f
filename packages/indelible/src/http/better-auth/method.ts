import { type Call, textIn } from './call.js';

/** How somebody signs in, by the endpoint: `password`, the provider of a social sign-in, or the plugin's name. */
export function methodOf({ path = '', params, body }: Call): string {
  const [first = '', second = ''] = path.split('/').filter((part) => part !== '' && part !== 'oauth2');
  if (first === 'callback') return providerOf(textIn(params, 'id') ?? textIn(params, 'providerId'));
  if (second === 'social' || second === 'oauth2')
    return providerOf(textIn(body, 'provider') ?? textIn(body, 'providerId'));
  if (first !== 'sign-in' && first !== 'sign-up') return first;
  return second === 'email' || second === 'username' ? 'password' : second;
}

/** Anything may be sent as the name of a provider. */
function providerOf(text: string | undefined): string {
  return text !== undefined && /^[\w.-]{1,40}$/.test(text) ? text : 'social';
}
