import type { ApiSettings } from '../options.js';
import type { Route } from '../route.js';
import { keepingRoutes } from './keeping.js';
import { dashboardRoutes } from '../dashboard/routes.js';
import { viewRoutes } from '../views/routes.js';
import { readingRoutes } from './reading.js';

/** Every call of the API. */
export function routesOf({ word, plural }: Pick<ApiSettings, 'word' | 'plural'>): readonly Route[] {
  return [...readingRoutes(word, plural), ...dashboardRoutes(word), ...viewRoutes(word), ...keepingRoutes()];
}
