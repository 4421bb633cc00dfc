export {
  httpClassifier,
  httpClassify,
  type HttpClassifierOptions,
} from "./http-classify.ts";
export {
  resilientFetch,
  type ResilientFetchOptions,
} from "./resilient-fetch.ts";
