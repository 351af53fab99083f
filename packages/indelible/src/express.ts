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
