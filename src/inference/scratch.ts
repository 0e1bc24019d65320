/** An array that is used again from call to call; a call that begins while another has it gets one of its own. */
export interface Scratch<T> {
  take(length: number): T;
  give(array: T): void;
}

export function scratch<T extends { readonly length: number }>(make: (length: number) => T): Scratch<T> {
  let spare: T | undefined;
  return {
    take(length) {
      const array = spare?.length === length ? spare : make(length);
      spare = undefined;
      return array;
    },
    give(array) {
      spare = array;
    },
  };
}
