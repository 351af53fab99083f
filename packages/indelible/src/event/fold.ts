/** The form that both sides of a search are compared in. */
export function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}
