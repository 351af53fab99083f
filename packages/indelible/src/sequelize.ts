export { auditSequelize, type SequelizeOptions } from './capture/sequelize.js';
