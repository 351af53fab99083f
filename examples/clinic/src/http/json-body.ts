import express, { type RequestHandler } from 'express';

/** Reads bodies that are JSON. An upload is a file, whatever its type says, and is read by its route. */
export function jsonBody(): RequestHandler {
  const read = express.json({ limit: '100kb' });
  return (request, response, next) => {
    const isUpload = request.method === 'POST' && /^\/api\/documents\/?$/.test(request.path);
    if (isUpload) next();
    else read(request, response, next);
  };
}
