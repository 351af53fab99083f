import { givenUp, GivenUp, oneByOne } from './serve.mjs';

/** The two ways to write through one Prisma client, plain or extended. */
export function prismaSide(prisma) {
  const data = (visits) => ({ status: `visited ${visits}`, visits });
  return {
    singles: oneByOne((id, visits) => prisma.patient.update({ where: { id }, data: data(visits) })),
    bulk: (status) => prisma.patient.updateMany({ data: { status } }),
    rolledBack: (visits) =>
      givenUp(() =>
        prisma.$transaction(async (transaction) => {
          await transaction.patient.update({ where: { id: 1 }, data: data(visits) });
          throw new GivenUp();
        }),
      ),
    close: () => prisma.$disconnect(),
  };
}
