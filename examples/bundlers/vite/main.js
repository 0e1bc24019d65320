import { app } from "../app.js";

globalThis.outcome = app();
globalThis.outcome.then(({ device, mean }) => {
  document.body.textContent = `Ran on ${device}: mean ${mean}`;
});
