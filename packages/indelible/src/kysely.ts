export { auditKysely } from './capture/kysely.js';
export { type KyselyModel, kyselyModels } from './capture/kysely-models.js';
