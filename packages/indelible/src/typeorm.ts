export { auditTypeOrm, type TypeOrmOptions } from './capture/typeorm.js';
export {
  type DataSourceLike,
  type TypeOrmEntity,
  type TypeOrmModel,
  typeOrmModels,
} from './capture/typeorm-models.js';
export type { FieldRules, FieldText } from './capture/field-rules.js';
export type { AttachOptions } from './capture/pg/attach/attachment.js';
