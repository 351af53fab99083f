import { createHash, randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import type { Client } from './client.js';
import { openForTests } from './running-clinic.js';
import { uploadPath } from './samples.js';
import { makeSomebody } from './somebody.js';

const clinic = await openForTests();
const dentist = await clinic.as('dentist');
const reception = await clinic.as('reception');
const patient = await clinic.as('patient');
const own = Number(patient.id);

function upload(by: Client, path: string, body: Uint8Array | string, type = 'image/png'): Promise<Response> {
  const headers = { Authorization: `Bearer ${by.token}`, 'Content-Type': type };
  return fetch(`${by.url}${path}`, { method: 'POST', headers, body });
}

function download(by: Client, id: unknown): Promise<Response> {
  const headers = { Authorization: `Bearer ${by.token}` };
  return fetch(`${by.url}/api/documents/${String(id)}/download/`, { headers });
}

function filesKept(): string[] {
  return readdirSync(join(clinic.dataDir, 'documents'));
}

interface Kept {
  readonly id: number;
  readonly [field: string]: unknown;
}

describe('a document', () => {
  it('of ten megabytes is kept to the last byte, and the trail knows its digest and nothing of what it says', async () => {
    const content = randomBytes(10 * 1024 * 1024);
    const answer = await upload(dentist, uploadPath(own), content);
    expect(answer.status).toBe(201);
    const kept = (await answer.json()) as Kept;
    const sha256 = createHash('sha256').update(content).digest('hex');
    const facts = { filename: 'tooth.png', content_type: 'image/png', size: content.length, sha256 };
    expect(kept).toMatchObject({ patient: own, document_type: 'x-ray', ...facts });
    expect(await clinic.toldOf(answer.headers)).toMatchObject([
      {
        action: 'CREATE',
        target: { type: 'Document', label: 'x-ray: tooth.png' },
        subjectId: String(own),
        after: facts,
      },
    ]);

    const handedOut = await download(patient, kept.id);
    expect(handedOut.headers.get('content-disposition')).toBe('attachment; filename=tooth.png');
    expect(Buffer.from(await handedOut.arrayBuffer()).equals(content)).toBe(true);
    expect(await clinic.toldOf(handedOut.headers)).toMatchObject([
      {
        action: 'DOWNLOAD',
        outcome: 'success',
        actor: { username: 'patient' },
        target: { type: 'Document', id: String(kept.id), label: 'x-ray: tooth.png' },
        subjectId: String(own),
        request: { statusCode: 200 },
        metadata: { filename: 'tooth.png', content_type: 'image/png', size: content.length },
      },
    ]);
  });

  it('of more than that is 413, whether it says so or not, and leaves nothing behind', async () => {
    const before = filesKept();
    const content = randomBytes(10 * 1024 * 1024 + 1);
    expect((await upload(dentist, uploadPath(own), content)).status).toBe(413);
    const unsaid = new Blob([content]).stream();
    const headers = { Authorization: `Bearer ${dentist.token}` };
    const streamed = { method: 'POST', headers, body: unsaid, duplex: 'half' } as const;
    expect((await fetch(`${dentist.url}${uploadPath(own)}`, streamed)).status).toBe(413);
    expect(filesKept()).toEqual(before);
    expect((await dentist.get('/api/documents/')).status).toBe(200);
  });

  it('that breaks off leaves nothing behind', async () => {
    const before = filesKept();
    const count = (await dentist.get('/api/documents/')).body['count'];
    const { hostname, port } = new URL(dentist.url);
    await new Promise<void>((resolve) => {
      const headers = { Authorization: `Bearer ${dentist.token}`, 'Content-Length': 1_000_000 };
      const sent = request({ hostname, port, method: 'POST', path: uploadPath(own), headers });
      sent.once('error', () => resolve());
      sent.write(randomBytes(100_000), () => setTimeout(() => sent.destroy(new Error('gone')), 100));
    });
    await expect.poll(filesKept).toEqual(before);
    expect((await dentist.get('/api/documents/')).body['count']).toBe(count);
  });

  it('is refused before it is read, to whoever may not keep one, and with what is wrong about it', async () => {
    expect((await upload(reception, uploadPath(own), 'x')).status).toBe(403);
    expect((await upload(patient, uploadPath(own), 'x')).status).toBe(403);
    for (const [path, field] of [
      [uploadPath(Number(dentist.id)), 'patient'],
      [uploadPath(own, '..%2Fescape'), 'filename'],
      ['/api/documents/?patient=4&filename=a.png', 'document_type'],
    ] as const) {
      const answer = await upload(dentist, path, 'x');
      expect([path, answer.status]).toEqual([path, 400]);
      expect(await answer.json()).toMatchObject({ errors: [{ field }] });
    }
    const form = 'multipart/form-data; boundary=x';
    expect((await upload(dentist, uploadPath(own), '--x--', form)).status).toBe(415);
    expect(filesKept()).toHaveLength(1);
  });

  it('is handed out to those who treat and to its patient; anybody else is refused by name', async () => {
    const kept = (await (await upload(dentist, uploadPath(own), 'a letter', 'text/plain')).json()) as Kept;
    for (const by of [reception, await clinic.as('canine')]) {
      const { status, headers } = await download(by, kept.id);
      expect(status).toBe(403);
      expect(await clinic.toldOf(headers)).toMatchObject([
        { action: 'ACCESS_DENIED', subjectId: String(own), metadata: { attempted: 'DOWNLOAD' } },
      ]);
    }
    expect(await (await download(dentist, kept.id)).text()).toBe('a letter');
  });

  it('changes its name and kind alone, and its file goes with it, and with its patient', async () => {
    const { id } = await makeSomebody(reception, {});
    const before = filesKept().length;
    const kept: Kept[] = [];
    for (const filename of ['one.txt', 'two.txt'])
      kept.push((await (await upload(dentist, uploadPath(id, filename), filename)).json()) as Kept);
    const path = `/api/documents/${kept[0]?.id}/`;
    expect((await dentist.patch(path, { filename: 'first.txt' })).body).toMatchObject({
      filename: 'first.txt',
    });
    expect((await dentist.patch(path, { sha256: 'forged' })).status).toBe(400);
    expect((await dentist.put(path, { ...kept[0], sha256: 'forged' })).status).toBe(400);
    expect(filesKept()).toHaveLength(before + 2);
    expect((await dentist.delete(path)).status).toBe(204);
    expect(filesKept()).toHaveLength(before + 1);
    expect((await reception.delete(`/api/users/${id}/`)).status).toBe(204);
    expect(filesKept()).toHaveLength(before);
    expect(await clinic.trail(`patient_id=${id}&model=Document&action=DELETE`)).toHaveLength(2);
  });
});
