// Lets a thread read TypeScript; `--import tsx` serves main threads only.
import { register } from "tsx/esm/api";

register();
