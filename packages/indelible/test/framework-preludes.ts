/** What the examples of a framework's files may take for granted besides. */
export interface FrameworkPrelude {
  /** What is imported, beside the library itself. */
  readonly packages: readonly string[];
  readonly prelude: string;
}

const PASSPORT = `
import express from 'express';
import passport from 'passport';
import { Strategy } from 'passport-local';
import { auditPassport } from 'indelible/passport';

const app = express();
const users = [{ id: '7', username: 'anna' }];
passport.use(new Strategy((name, password, done) => done(null, false)));
`;

const EXPRESS = `
import express from 'express';
import { auditDownload, auditExport, auditExpress, auditExpressErrors, auditList, auditRead, auditSensitive } from 'indelible/express';

const app = express();
const answer = (request, response) => response.json({});
const [showPatient, listPatients, exportPatients, sendFile, printPatient, sendStatement] = Array(6).fill(answer);
const [requireDentist, authentication] = [(request, response, next) => next(), (request, response, next) => next()];
`;

const ANCHORS = `
import { S3Client } from '@aws-sdk/client-s3';
import { fileAnchor } from 'indelible';
import { s3Anchor } from 'indelible/s3';
`;

const NESTJS = `
import { Controller, Get, Injectable, Module, Param, Post, StreamableFile, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AuditDownload, AuditExport, AuditList, auditNest, AuditRead, AuditSensitive, NoAudit } from 'indelible/nestjs';

class Patients {}
`;

const API = `
import express from 'express';
import { auditApi } from 'indelible/api';
import { AuditClient } from 'indelible/client';
import { auditApi as apiForExpress } from 'indelible/express';

const app = express();
const userOf = async (request: Request) => ({ id: '7', name: 'Olga', role: 'owner', clinic: 'north' });
const viewerOf = (request: Request) => ({ id: '7', role: 'owner', tenantId: null, may: 'all' as const });
const api = auditApi(audit, { authorize: viewerOf });
await audit.record({ action: 'UPDATE', target, before, after });
`;

const EXPRESS_API = `
import express from 'express';
import { auditApi } from 'indelible/express';

const app = express();
const viewerOf = (request: Request) => ({ id: '7', role: 'owner', tenantId: null, may: 'all' as const });
`;

/** By the name of the file, be it a document or a source: each framework has an `auditRead` of its own. */
export const FRAMEWORK_PRELUDES: Readonly<Record<string, FrameworkPrelude>> = {
  'audit-nest': { packages: ['@nestjs', 'rxjs', 'reflect-metadata'], prelude: NESTJS },
  decorators: { packages: ['@nestjs'], prelude: NESTJS },
  anchors: { packages: ['@aws-sdk'], prelude: ANCHORS },
  'file-anchor': { packages: ['@aws-sdk'], prelude: ANCHORS },
  's3-anchor': { packages: ['@aws-sdk'], prelude: ANCHORS },
  api: { packages: ['express'], prelude: API },
  'audit-api': { packages: ['express'], prelude: API },
  'express-api': { packages: ['express'], prelude: EXPRESS_API },
  README: { packages: ['express'], prelude: EXPRESS },
  express: { packages: ['express'], prelude: EXPRESS },
  'from-django': { packages: ['express'], prelude: EXPRESS },
  fastify: {
    packages: ['fastify'],
    prelude: `
import fastify from 'fastify';
import { auditDownload, auditExport, auditFastify, auditList, auditRead, auditSensitive } from 'indelible/fastify';

const app = fastify();
const [showPatient, listPatients, exportPatients, sendFile, printPatient, printInvoice] = Array(6).fill(async () => ({}));
const requireDentist = async () => undefined;
`,
  },
  fetch: {
    packages: [],
    prelude: `
import { auditDownload, auditExport, auditFetch, auditList, auditRead, auditSensitive } from 'indelible/fetch';

interface LoaderArguments { request: Request; params: { id: string }; context: { user?: { id: string } } }
interface SvelteEvent { request: Request; params: { id: string }; locals: { user?: { id: string } }; getClientAddress(): string }
interface BunServer { requestIP(request: Request): { address: string } | null }
const sessionOf = (request) => undefined;
const auth = async () => null;
const findPatient = async (id) => ({ id });
const [showPatient, listPatients] = Array(2).fill(async () => Response.json({}));
`,
  },
  hono: {
    packages: ['hono'],
    prelude: `
import { Hono } from 'hono';
import { auditDownload, auditExport, auditHono, auditList, auditRead, auditSensitive } from 'indelible/hono';

const app = new Hono();
const getConnInfo = (c) => ({ remote: { address: '192.0.2.7' } });
const [showPatient, listPatients, exportPatients, sendFile, printPatient, sendStatement] = Array(6).fill((c) => c.json({}));
const patientOf = (id) => ({ id });
`,
  },
  koa: {
    packages: ['koa', '@koa'],
    prelude: `
import Router from '@koa/router';
import Koa from 'koa';
import { auditDownload, auditExport, auditKoa, auditList, auditRead, auditSensitive } from 'indelible/koa';

const app = new Koa();
const router = new Router();
const [showPatient, listPatients, exportPatients, sendFile, printPatient, sendStatement] = Array(6).fill((ctx) => void (ctx.body = {}));
`,
  },
  'better-auth': {
    packages: ['better-auth'],
    prelude: `
import { betterAuth } from 'better-auth';
import { auditBetterAuth } from 'indelible/better-auth';
`,
  },
  nestjs: { packages: ['@nestjs'], prelude: NESTJS },
  passport: { packages: ['passport', 'passport-local', 'express'], prelude: PASSPORT },
  requests: { packages: ['express'], prelude: EXPRESS },
  'sign-in': {
    packages: [],
    prelude: `
import { betterAuth } from 'better-auth';
import { auditBetterAuth } from 'indelible/better-auth';
import { auditExpress } from 'indelible/express';
${PASSPORT}`,
  },
};
