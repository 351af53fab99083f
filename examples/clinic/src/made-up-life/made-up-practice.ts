import type { Clinic } from '../clinic.js';
import { METHODS } from '../invoices/invoice.js';
import type { Cast } from './cast.js';
import type { Random } from './random.js';

const SERVICES = [
  ['Check-up', 4_500, 20],
  ['Cleaning', 8_000, 40],
  ['Filling', 12_500, 45],
  ['Crown fitting', 39_000, 60],
  ['Root canal', 45_000, 90],
  ['X-ray', 6_000, 15],
] as const;
const SUPPLIES = ['Gloves', 'Masks', 'Composite', 'Anaesthetic', 'Mirrors', 'Burs', 'Fluoride', 'Bibs'];
const LEAFLETS = [
  ['After a filling', 'Do not eat until the numbness has gone.', true],
  ['After an extraction', 'Bite on the gauze for half an hour.', true],
  ['Brushing with children', 'Twice a day, and together.', true],
  ['Night guards', 'To be written.', false],
] as const;
const SETTINGS = [
  ['opening_hours', '08:00-18:00'],
  ['reminder_days', '2'],
  ['invoice_due_days', '30'],
] as const;

/** The clinic itself, before anybody comes. Answers its locations. */
export async function openPractice(clinic: Clinic, cast: Cast, random: Random): Promise<number[]> {
  const { locations, services, inventory, resources, profiles, settings } = clinic;
  const owner = cast.person('owner');
  return cast.as(owner, async () => {
    const places: number[] = [];
    for (const name of ['Clinic of Nowhere', 'Clinic of Elsewhere']) {
      const place = { name, address: `${places.length + 1} Imaginary Lane`, timezone: 'Europe/Berlin' };
      places.push((await locations.create(owner, place)).id);
    }
    for (const [name, price, minutes] of SERVICES) await services.create(owner, { name, price, minutes });
    for (const name of SUPPLIES) {
      const item = { name, quantity: random.whole(5, 200), unit: 'box', location: random.pick(places) };
      await inventory.create(owner, item);
    }
    for (const [title, body, isPublished] of LEAFLETS)
      await resources.create(owner, { title, body, published: isPublished ? 1 : 0 });
    for (const [at, username] of ['dentist', 'molar', 'floss'].entries()) {
      const { id: user, last_name } = cast.person(username);
      const words = {
        title: 'Dr',
        registration_number: `NOWHERE-${at + 1}`,
        bio: `${last_name} treats here.`,
      };
      await profiles.create(owner, { user, ...words });
    }
    for (const [key, value] of SETTINGS) await settings.create(owner, { key, value });
    return places;
  });
}

/** What is used up in a month, and what is put right. */
export async function keepStock(clinic: Clinic, cast: Cast, random: Random): Promise<void> {
  const reception = cast.person('reception');
  const item = random.whole(1, SUPPLIES.length);
  await cast.as(reception, () =>
    clinic.inventory.update(reception, item, () => ({ quantity: random.whole(0, 200) })),
  );
}

/** Money at the desk. */
export async function bill(
  clinic: Clinic,
  cast: Cast,
  random: Random,
  visit: { readonly id: number; readonly patient: number },
  paidAt: string,
): Promise<void> {
  const reception = cast.person('reception');
  const { id: appointment, patient } = visit;
  const amount = random.pick([2_000, 4_500, 6_000]);
  await cast.as(reception, async () => {
    const { id } = await clinic.billing.create(reception, {
      patient,
      appointment,
      amount,
      method: null,
      status: 'pending',
      paid_at: null,
    });
    const method = random.pick(METHODS);
    await clinic.billing.update(reception, id, () => ({ status: 'paid', method, paid_at: paidAt }));
  });
}
