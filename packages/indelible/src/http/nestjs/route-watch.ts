import {
  BadRequestException,
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { type Observable, tap } from 'rxjs';

import type { Exchange } from '../exchange.js';
import { exchangeOf } from '../node/attach-node.js';
import { PROBLEM_TYPE, REASON_REQUIRED } from '../problem.js';
import type { Watching } from '../watching.js';
import { learnAnswer, watchAnswer } from './answers.js';
import { isNoAudit, readingsOf } from './decorators.js';
import { messageOf, type PlatformResponse } from './nest-facts.js';

/**
 * Knows the handler that a request has come to. As the first guard it says what the handler reads, so that a
 * denial by the guards after it says so too; as the outermost interceptor it learns the answer and the error.
 */
export class RouteWatch<R extends object> implements CanActivate, NestInterceptor {
  readonly #watching: Watching;
  readonly #withoutReason = new WeakSet<Exchange<R>>();

  constructor(watching: Watching) {
    this.#watching = watching;
  }

  canActivate(context: ExecutionContext): boolean {
    const exchange = this.#exchangeOf(context);
    if (exchange !== undefined) this.#enters(exchange, context);
    return true;
  }

  /** A missing reason is told only to whom the guards let pass. */
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const exchange = this.#exchangeOf(context);
    if (exchange === undefined) return next.handle();
    if (this.#withoutReason.has(exchange)) throw withoutReason(context.switchToHttp().getResponse());
    return next.handle().pipe(
      tap({
        next: (answer) => learnAnswer(exchange, answer),
        error: (error) => exchange.fails(error),
      }),
    );
  }

  #enters(exchange: Exchange<R>, context: ExecutionContext): void {
    const handler = context.getHandler();
    if (isNoAudit(handler, context.getClass())) exchange.silence();
    const readings = readingsOf<R>(handler);
    if (readings.length === 0) return;
    watchAnswer(exchange, context.switchToHttp().getResponse());
    for (const reading of readings) {
      if (!exchange.expects(reading)) this.#withoutReason.add(exchange);
    }
  }

  /** Resolvers and messages of other transports are left alone. */
  #exchangeOf(context: ExecutionContext): Exchange<R> | undefined {
    if (context.getType() !== 'http') return undefined;
    // What Nest lets call in its name, such as a resolver, may bring anything for a request.
    const request = context.switchToHttp().getRequest<unknown>();
    if (typeof request !== 'object' || request === null) return undefined;
    return exchangeOf<R>(this.#watching, messageOf(request));
  }
}

/** Nest's own, so that the application's filters may answer it in their way. */
function withoutReason(response: PlatformResponse): BadRequestException {
  response.header?.('Content-Type', PROBLEM_TYPE);
  const refusal = new BadRequestException({ type: 'about:blank', ...REASON_REQUIRED });
  return Object.assign(refusal, { message: REASON_REQUIRED.detail });
}
