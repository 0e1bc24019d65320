import { everywhere } from "./everywhere.js";

declare global {
  var outcome: Promise<unknown>;
}

globalThis.outcome = fetch("/plain/dicom.json")
  .then((response) => response.json())
  .then(({ series }) => everywhere(series));
