import type { MeAnswer } from '../answers.js';
import type { Call } from '../call.js';

/** Who the caller is, what they may see, and how this installation calls things. */
export function me({ viewer, api: { settings, routes } }: Call): MeAnswer {
  const maySee = (who: string): boolean =>
    who === 'own' || (viewer.may === 'all' && (who === 'all' || viewer.tenantId === null));
  return {
    id: viewer.id,
    name: viewer.name ?? null,
    username: viewer.username ?? null,
    email: viewer.email ?? null,
    role: viewer.role ?? null,
    tenant_id: viewer.tenantId,
    may: viewer.may,
    calls: routes
      .filter(({ who }) => who === 'anyone' || maySee(who))
      .map(({ method, path }) => `${method} ${settings.path}/${path}`),
    words: { subject: settings.word, subjects: settings.plural },
    title: settings.title,
  };
}
