// What a browser of the back office has around the examples of document 003, which stand beside this file as the
// document prints them: the page's origin, which relative URLs are relative to, and the token of whoever is logged in.
// Loaded before an example: node --import ./browser.mjs fetch.mts

import axios from 'axios';

const origin = process.env.ORIGIN;
const bearer = `Bearer ${process.env.TOKEN}`;
const PLACEHOLDER = 'Bearer your-token';

const fetchAbsolute = globalThis.fetch;
globalThis.fetch = (url, options = {}) => {
  const headers = new Headers(options.headers);
  if (headers.get('Authorization') === PLACEHOLDER) headers.set('Authorization', bearer);
  return fetchAbsolute(new URL(url, origin), { ...options, headers });
};

axios.defaults.baseURL = origin;
axios.interceptors.request.use((config) => {
  if (config.headers.get('Authorization') === PLACEHOLDER) config.headers.set('Authorization', bearer);
  return config;
});
axios.interceptors.response.use((response) => {
  console.log(JSON.stringify({ status: response.status, data: response.data }));
  return response;
});
