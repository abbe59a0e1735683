// The two hash packages that declare nothing, or the wrong thing (apache-md5 has no default export).

declare module 'apache-md5' {
  /** Hashes a byte string; `setting` is a whole `$apr1$` or `$1$` hash or its `$id$salt$` part. */
  const apacheMd5: (password: string, setting: string) => string;
  export default apacheMd5;
}

declare module 'unix-crypt-td-js' {
  /** Traditional DES crypt(3): the first 8 bytes count, up to a NUL; `setting` starts with the 2 salt characters. */
  const desCrypt: (password: number[], setting: string) => string;
  export default desCrypt;
}
