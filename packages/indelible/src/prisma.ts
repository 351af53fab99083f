export { auditPrisma, type PrismaAdapterFactory } from './capture/prisma.js';
export { auditPrismaLabels, type PrismaLabels, type PrismaLabelsOptions } from './capture/prisma-labels.js';
export { type PrismaClientClass, type PrismaModelRules, prismaModels } from './capture/prisma-models.js';
export type { PrismaReads } from './capture/prisma-reads.js';
export type { FieldRules, FieldText } from './capture/field-rules.js';
export type { AttachOptions } from './capture/pg/attach/attachment.js';
