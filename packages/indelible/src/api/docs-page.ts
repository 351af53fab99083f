import { createHash } from 'node:crypto';

const STYLE = `
:root { color-scheme: light dark; font: 14px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; }
details { border-top: 1px solid #8886; padding: .5rem 0; }
summary { cursor: pointer; }
summary b { display: inline-block; min-width: 4.5em; }
code, pre, textarea { font-family: ui-monospace, monospace; font-size: 13px; }
pre { overflow: auto; max-height: 30rem; background: #8881; padding: .5rem; white-space: pre-wrap; }
label { display: grid; grid-template-columns: 10rem 1fr; gap: .5rem; margin: .25rem 0; }
small { grid-column: 2; opacity: .75; }
input, textarea { font: inherit; width: 100%; box-sizing: border-box; }
button { font: inherit; padding: .25rem 1rem; margin: .5rem 0; }
`;

/** Everything that comes from the document or from an answer is put in as text. */
const SCRIPT = `
const make = (tag, text, ...children) => {
  const element = document.createElement(tag);
  if (text) element.textContent = text;
  element.append(...children);
  return element;
};
const token = document.getElementById('token');
const field = (name, hint, kind = 'input') => {
  const input = make(kind);
  input.name = name;
  return [input, make('label', '', make('span', name), input, make('small', hint ?? ''))];
};
const call = async (method, path, inputs, body, output) => {
  let at = path;
  const query = new URLSearchParams();
  for (const [where, input] of inputs) {
    const value = input.value.trim();
    if (where === 'path') at = at.replace('{' + input.name + '}', encodeURIComponent(value));
    else if (value !== '') query.append(input.name, value);
  }
  const headers = {};
  if (token.value.trim() !== '') headers.Authorization = 'Bearer ' + token.value.trim();
  const sent = body && body.value.trim() !== '' ? body.value : undefined;
  if (sent !== undefined) headers['Content-Type'] = 'application/json';
  const address = at + (query.size > 0 ? '?' + query : '');
  output.textContent = method + ' ' + address;
  try {
    const response = await fetch(address, { method, headers, body: sent });
    const type = response.headers.get('content-type') ?? '';
    let text = type.startsWith('text/event-stream') ? 'a stream of events' : await response.text();
    if (/json\\b/.test(type) && !type.includes('ndjson')) text = JSON.stringify(JSON.parse(text), null, 2);
    output.textContent = response.status + ' ' + response.statusText + '\\n\\n' + text.slice(0, 200000);
  } catch (error) {
    output.textContent = String(error);
  }
};
const show = ({ info, paths }) => {
  document.title = info.title;
  document.getElementById('title').textContent = info.title;
  document.getElementById('about').textContent = info.description;
  for (const [path, operations] of Object.entries(paths))
    for (const [name, operation] of Object.entries(operations)) {
      const method = name.toUpperCase();
      const inputs = [];
      const form = make('form');
      for (const parameter of operation.parameters) {
        const [input, label] = field(parameter.name, parameter.description);
        inputs.push([parameter.in, input]);
        form.append(label);
      }
      let body;
      if (operation.requestBody) {
        const [input, label] = field('body', 'JSON', 'textarea');
        body = input;
        form.append(label);
      }
      const output = make('pre');
      form.append(make('button', 'Send'), output);
      form.addEventListener('submit', (event) => {
        event.preventDefault();
        void call(method, path, inputs, body, output);
      });
      const line = make('summary', '', make('b', method), make('code', path), ' ' + operation.summary);
      document.body.append(make('details', '', line, make('p', operation.description), form));
    }
};
fetch('../openapi.json').then((response) => response.json()).then(show);
`;

const sourceOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Nothing but what is written here runs, and it asks nobody but the server it came from. */
export const DOCS_POLICY: string = [
  "default-src 'none'",
  `script-src ${sourceOf(SCRIPT)}`,
  `style-src ${sourceOf(STYLE)}`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const DOCS_PAGE: string = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Audit trail</title>
<style>${STYLE}</style>
</head>
<body>
<h1 id="title">Audit trail</h1>
<p id="about"></p>
<label><span>Bearer token</span><input id="token" type="password" autocomplete="off"><small>Left empty, your cookie is sent.</small></label>
<script>${SCRIPT}</script>
</body>
</html>
`;
