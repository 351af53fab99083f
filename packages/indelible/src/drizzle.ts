export { auditDrizzle } from './capture/drizzle.js';
export { type DrizzleModel, drizzleModels, type DrizzleTable } from './capture/drizzle-models.js';
