import { document } from '../answer.js';
import type { Call } from '../call.js';
import { DOCS_PAGE, DOCS_POLICY } from '../docs-page.js';
import { openApiOf } from '../openapi.js';

export function openApi({ api: { routes, settings } }: Call): object {
  return openApiOf(routes, settings);
}

/** Without its last slash the page would look for the document in another place. */
export function docs({ url }: Call): Response {
  if (!url.pathname.endsWith('/'))
    return new Response(null, {
      status: 308,
      headers: { Location: `${url.pathname}/`, 'Cache-Control': 'no-store' },
    });
  return document(DOCS_PAGE, 'text/html; charset=utf-8', { 'Content-Security-Policy': DOCS_POLICY });
}
