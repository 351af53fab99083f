export { auditSequelize, type SequelizeOptions } from './capture/sequelize.js';
export {
  type SequelizeModelLike,
  type SequelizeModelRules,
  sequelizeModels,
} from './capture/sequelize-models.js';
export type { FieldRules, FieldText } from './capture/field-rules.js';
export type { AttachOptions } from './capture/pg/attach/attachment.js';
