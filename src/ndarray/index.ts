export { asNdarray } from "./asNdarray.js";
export { fromNdarray } from "./fromNdarray.js";
