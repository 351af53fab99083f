export {
  auditDownload,
  auditExport,
  auditExpress,
  auditExpressErrors,
  auditList,
  auditRead,
  auditSensitive,
  type ExpressOptions,
  type ExpressReadOptions,
} from './http/express.js';
export { auditApi } from './http/express-api.js';
