// Hashes by the crypt(3) of libxcrypt 4.4 for passwords of every sort: empty, UTF-8, with colons, bytes over 7F, 255
// bytes, and lengths around the block sizes. Each row is the password in hex and its hash.
export const LIBCRYPT_VECTORS: readonly (readonly [string, string])[] = [
  ['736563726574', '$y$j9T$F5Jx5fExrKuPp53xLKQ..1$GmcwIgvdUC9qLWcKCi6gklUa1dM3ziD43YxYNURLKy0'],
  ['706173733a77c3b67264', '$y$j9T$F5Jx5fExrKuPp53xLKQ..1$cDembvtPqV9GYZSlrIQpa4SU13YAmIu/v62VrR/aRZ7'],
  ['736563726574', '$1$saltsalt$9xy1btjgzLYfb7hivXtC//'],
  ['736563726574', '$5$saltstring$C3o4O1TC6aRHF4FI.QSZMXtHbaj2gSXr4sUc/3NcUi.'],
  ['736563726574', '$5$rounds=1000$ab$bw4PhTdETPYycBP1S/MfHGVqzf4cldTXkxqJJ2X8w.3'],
  [
    '736563726574',
    '$6$saltstring$AIsRs/Ee56G/tC8MEHhvReZTfx8u3rXXMl6eYrjCG9ibix19DxoMBLogdTET5Ukw9Sf7eZTITsuk0Ry5qulYz.',
  ],
  [
    '736563726574',
    '$6$rounds=1400$anotherlongsalts$Twf2eP6WMY29NT9yg1Nff0x6Ul/TWD9vkV2VVPyEX7uifmXI0FHGx3rX27ttfZtfB9phxv3003yyBPq3nGFb8.',
  ],
  ['736563726574', '$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW'],
  ['736563726574', '$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW'],
  ['736563726574', '$2a$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW'],
  ['736563726574', 'abNANd1rDfiNc'],
  ['70c3a4737377c3b67264', '$1$saltsalt$VReRfkQ8Hs1aayf/oxMkG/'],
  ['70c3a4737377c3b67264', '$5$saltstring$bWOoCRTKNT.aiY/gJjvk1HjBYuRpcYQmcc5hqf6H4T4'],
  ['70c3a4737377c3b67264', '$5$rounds=1000$ab$yT4yOOotm/9mXagK4kaEPRQI.ZX2UbnZPt6yuwRkCK5'],
  [
    '70c3a4737377c3b67264',
    '$6$saltstring$6PSVl254uv0cWCoUS0qzSX5NenRA/YFCwPzGA9ONu.MmmxqXTWHerEzD8WyuBl3ukfIZZU9uxLD6Bn6p7S3rG.',
  ],
  [
    '70c3a4737377c3b67264',
    '$6$rounds=1400$anotherlongsalts$PvxoJTmXveDTqoAtKdjfDTb9839NNbMeeVHeMRky7zZhRx5UG3mQfg9LT5cbklRT5ZxC6sJXmSNiHCq.mEK4y/',
  ],
  ['70c3a4737377c3b67264', '$2b$04$abcdefghijklmnopqrstuuyx2n0Zzopyr9QuYTMCfOJJOj526QVoC'],
  ['70c3a4737377c3b67264', '$2y$04$abcdefghijklmnopqrstuuyx2n0Zzopyr9QuYTMCfOJJOj526QVoC'],
  ['70c3a4737377c3b67264', '$2a$04$abcdefghijklmnopqrstuuyx2n0Zzopyr9QuYTMCfOJJOj526QVoC'],
  ['70c3a4737377c3b67264', 'abzp3RXJm5gNA'],
  ['613a623a63', '$1$saltsalt$X8x6pcFGqtnIpCUOebalk0'],
  ['613a623a63', '$5$saltstring$lIwUbMsGcrLAHAbJwbP8TG9maXdRE9lgWc6ctxYJVK/'],
  ['613a623a63', '$5$rounds=1000$ab$MY0xZZZV7uLP3APvGWYC/GDTBssQ96rZcWD.m0HKvZ6'],
  [
    '613a623a63',
    '$6$saltstring$4IhIMCPVu7cmOKZkJdewKABR89ZqiwaX5SFbvAmtaZ9H4LHoW./GqTN1qZnDIa4OxN1S/epppewTexZFGmnGF1',
  ],
  [
    '613a623a63',
    '$6$rounds=1400$anotherlongsalts$.8NZhss2aPJiDjNIDApY.OFivWQ7iVRjI6dk2VhM7jGda9ptVEsOf852rIipSOe9tc1iah0vu6K3Fmgh/t/iU0',
  ],
  ['613a623a63', '$2b$04$abcdefghijklmnopqrstuuvWTYyu1fxJ6/TJiND1lHR48TJYvV44K'],
  ['613a623a63', '$2y$04$abcdefghijklmnopqrstuuvWTYyu1fxJ6/TJiND1lHR48TJYvV44K'],
  ['613a623a63', '$2a$04$abcdefghijklmnopqrstuuvWTYyu1fxJ6/TJiND1lHR48TJYvV44K'],
  ['613a623a63', 'abyxFV8Pb0YZY'],
  ['', '$1$saltsalt$5Jhcit4zN9UlGiA0txPkO0'],
  ['', '$5$saltstring$FdNfA4gXqvCeO6iZs7G/.wwwoywYZqo0l1pwmfWaBA7'],
  ['', '$5$rounds=1000$ab$Yd3BaIOVbovC2OGzlWXH53yhcyaWZscnPjMwuHC/2t3'],
  [
    '',
    '$6$saltstring$kyGrqt6gmjAdtFLPrflEFifSYLCWWq1pyx95SvqinLDy2UHmj0sTF0MSLMwxPFZc3tu5kQckI8fks0zOPda3n1',
  ],
  [
    '',
    '$6$rounds=1400$anotherlongsalts$CvyNSQwf6bQerEu9N9SQOWtPnrIu1XZzaKZQpGKfoQ/SaumCMqHGCEvfGxtQ5xG2Au23d5sGapl8LQH64hLtn/',
  ],
  ['', '$2b$04$abcdefghijklmnopqrstuubyCG3zY1GIXMyxfivm.ClDiInHzxjiq'],
  ['', '$2y$04$abcdefghijklmnopqrstuubyCG3zY1GIXMyxfivm.ClDiInHzxjiq'],
  ['', '$2a$04$abcdefghijklmnopqrstuubyCG3zY1GIXMyxfivm.ClDiInHzxjiq'],
  ['', 'abmF1QH4PEr.E'],
  [
    '01080f161d242b323940474e555c636a71787f868d949ba2a9b0b7bec5ccd3dae1e8eff6fd050c131a21282f363d444b525960676e757c838a91989fa6adb4bbc2c9d0d7dee5ecf3fa020910171e252c333a41484f565d646b727980878e959ca3aab1b8bfc6cdd4dbe2e9f0f7fe060d141b222930373e454c535a61686f767d848b9299a0a7aeb5bcc3cad1d8dfe6edf4fb030a11181f262d343b424950575e656c737a81888f969da4abb2b9c0c7ced5dce3eaf1f8ff070e151c232a31383f464d545b626970777e858c939aa1a8afb6bdc4cbd2d9e0e7eef5fc040b121920272e353c434a51585f666d747b828990979ea5acb3bac1c8cfd6dde4ebf2f9',
    '$1$saltsalt$bYnTusisQjJmDqaEgtWuQ1',
  ],
  [
    '01080f161d242b323940474e555c636a71787f868d949ba2a9b0b7bec5ccd3dae1e8eff6fd050c131a21282f363d444b525960676e757c838a91989fa6adb4bbc2c9d0d7dee5ecf3fa020910171e252c333a41484f565d646b727980878e959ca3aab1b8bfc6cdd4dbe2e9f0f7fe060d141b222930373e454c535a61686f767d848b9299a0a7aeb5bcc3cad1d8dfe6edf4fb030a11181f262d343b424950575e656c737a81888f969da4abb2b9c0c7ced5dce3eaf1f8ff070e151c232a31383f464d545b626970777e858c939aa1a8afb6bdc4cbd2d9e0e7eef5fc040b121920272e353c434a51585f666d747b828990979ea5acb3bac1c8cfd6dde4ebf2f9',
    '$5$saltstring$OOg720W8A2SsKUbhB5StDd0RDaEisoDhPHf9jG1ZGe9',
  ],
  [
    '01080f161d242b323940474e555c636a71787f868d949ba2a9b0b7bec5ccd3dae1e8eff6fd050c131a21282f363d444b525960676e757c838a91989fa6adb4bbc2c9d0d7dee5ecf3fa020910171e252c333a41484f565d646b727980878e959ca3aab1b8bfc6cdd4dbe2e9f0f7fe060d141b222930373e454c535a61686f767d848b9299a0a7aeb5bcc3cad1d8dfe6edf4fb030a11181f262d343b424950575e656c737a81888f969da4abb2b9c0c7ced5dce3eaf1f8ff070e151c232a31383f464d545b626970777e858c939aa1a8afb6bdc4cbd2d9e0e7eef5fc040b121920272e353c434a51585f666d747b828990979ea5acb3bac1c8cfd6dde4ebf2f9',
    '$5$rounds=1000$ab$KVFsMy42Z4Ff3RXFthi/pQYTdLj4f9GEMlfx5vf6TSD',
  ],
  [
    '01080f161d242b323940474e555c636a71787f868d949ba2a9b0b7bec5ccd3dae1e8eff6fd050c131a21282f363d444b525960676e757c838a91989fa6adb4bbc2c9d0d7dee5ecf3fa020910171e252c333a41484f565d646b727980878e959ca3aab1b8bfc6cdd4dbe2e9f0f7fe060d141b222930373e454c535a61686f767d848b9299a0a7aeb5bcc3cad1d8dfe6edf4fb030a11181f262d343b424950575e656c737a81888f969da4abb2b9c0c7ced5dce3eaf1f8ff070e151c232a31383f464d545b626970777e858c939aa1a8afb6bdc4cbd2d9e0e7eef5fc040b121920272e353c434a51585f666d747b828990979ea5acb3bac1c8cfd6dde4ebf2f9',
    '$6$saltstring$9wYBtRjGyHWyiDbWrS7fkIUZ5qsB8aKqJRtbVSRYdmgxnQD0gQw7t4izbKFTRVGOOFweRPUgQrD1bS2u4LDA30',
  ],
  [
    '01080f161d242b323940474e555c636a71787f868d949ba2a9b0b7bec5ccd3dae1e8eff6fd050c131a21282f363d444b525960676e757c838a91989fa6adb4bbc2c9d0d7dee5ecf3fa020910171e252c333a41484f565d646b727980878e959ca3aab1b8bfc6cdd4dbe2e9f0f7fe060d141b222930373e454c535a61686f767d848b9299a0a7aeb5bcc3cad1d8dfe6edf4fb030a11181f262d343b424950575e656c737a81888f969da4abb2b9c0c7ced5dce3eaf1f8ff070e151c232a31383f464d545b626970777e858c939aa1a8afb6bdc4cbd2d9e0e7eef5fc040b121920272e353c434a51585f666d747b828990979ea5acb3bac1c8cfd6dde4ebf2f9',
    '$6$rounds=1400$anotherlongsalts$lVJwWLaoGdXMlJVA8igReQ4Qv0c39MaWrOKxpWHtyWZwcJfoGXmcLew/LBWevaG4S5WHSKOtT8z.38pGYmk6o1',
  ],
  [
    '01080f161d242b323940474e555c636a71787f868d949ba2a9b0b7bec5ccd3dae1e8eff6fd050c131a21282f363d444b525960676e757c838a91989fa6adb4bbc2c9d0d7dee5ecf3fa020910171e252c333a41484f565d646b727980878e959ca3aab1b8bfc6cdd4dbe2e9f0f7fe060d141b222930373e454c535a61686f767d848b9299a0a7aeb5bcc3cad1d8dfe6edf4fb030a11181f262d343b424950575e656c737a81888f969da4abb2b9c0c7ced5dce3eaf1f8ff070e151c232a31383f464d545b626970777e858c939aa1a8afb6bdc4cbd2d9e0e7eef5fc040b121920272e353c434a51585f666d747b828990979ea5acb3bac1c8cfd6dde4ebf2f9',
    '$2b$04$abcdefghijklmnopqrstuu73W5Jwvz8kr3TludSjDSpMY1/FEjfry',
  ],
  [
    '01080f161d242b323940474e555c636a71787f868d949ba2a9b0b7bec5ccd3dae1e8eff6fd050c131a21282f363d444b525960676e757c838a91989fa6adb4bbc2c9d0d7dee5ecf3fa020910171e252c333a41484f565d646b727980878e959ca3aab1b8bfc6cdd4dbe2e9f0f7fe060d141b222930373e454c535a61686f767d848b9299a0a7aeb5bcc3cad1d8dfe6edf4fb030a11181f262d343b424950575e656c737a81888f969da4abb2b9c0c7ced5dce3eaf1f8ff070e151c232a31383f464d545b626970777e858c939aa1a8afb6bdc4cbd2d9e0e7eef5fc040b121920272e353c434a51585f666d747b828990979ea5acb3bac1c8cfd6dde4ebf2f9',
    '$2y$04$abcdefghijklmnopqrstuu73W5Jwvz8kr3TludSjDSpMY1/FEjfry',
  ],
  [
    '01080f161d242b323940474e555c636a71787f868d949ba2a9b0b7bec5ccd3dae1e8eff6fd050c131a21282f363d444b525960676e757c838a91989fa6adb4bbc2c9d0d7dee5ecf3fa020910171e252c333a41484f565d646b727980878e959ca3aab1b8bfc6cdd4dbe2e9f0f7fe060d141b222930373e454c535a61686f767d848b9299a0a7aeb5bcc3cad1d8dfe6edf4fb030a11181f262d343b424950575e656c737a81888f969da4abb2b9c0c7ced5dce3eaf1f8ff070e151c232a31383f464d545b626970777e858c939aa1a8afb6bdc4cbd2d9e0e7eef5fc040b121920272e353c434a51585f666d747b828990979ea5acb3bac1c8cfd6dde4ebf2f9',
    '$2a$04$abcdefghijklmnopqrstuu73W5Jwvz8kr3TludSjDSpMY1/FEjfry',
  ],
  [
    '01080f161d242b323940474e555c636a71787f868d949ba2a9b0b7bec5ccd3dae1e8eff6fd050c131a21282f363d444b525960676e757c838a91989fa6adb4bbc2c9d0d7dee5ecf3fa020910171e252c333a41484f565d646b727980878e959ca3aab1b8bfc6cdd4dbe2e9f0f7fe060d141b222930373e454c535a61686f767d848b9299a0a7aeb5bcc3cad1d8dfe6edf4fb030a11181f262d343b424950575e656c737a81888f969da4abb2b9c0c7ced5dce3eaf1f8ff070e151c232a31383f464d545b626970777e858c939aa1a8afb6bdc4cbd2d9e0e7eef5fc040b121920272e353c434a51585f666d747b828990979ea5acb3bac1c8cfd6dde4ebf2f9',
    'abWh/9ou3mpoA',
  ],
  [
    '808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff',
    '$1$saltsalt$6zjuaZCU9BBDUnwMdsDk30',
  ],
  [
    '808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff',
    '$5$saltstring$G/uh/SlYW8JZm5NCg6DLJjtkEqXpL645fszvshr8LO6',
  ],
  [
    '808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff',
    '$5$rounds=1000$ab$Fjuc6gBpNfXbKVuQM4ELt51uEp4nYokAqJtvxNaBBT/',
  ],
  [
    '808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff',
    '$6$saltstring$mSvxJxrk23eo9opAe5oNx4RFZBQ4Z6/xdCgHXPrscdE1.Of201G1/xRHuat.gETk.IgkYIVTr4Gsdz6HcwG6J0',
  ],
  [
    '808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff',
    '$6$rounds=1400$anotherlongsalts$1nDb04EkU2S1XVAcr1yKH8eY6zbAb1R2bV29Ogcc7jAEJWZNZVL1SeDddwuer96rqdsYyGPXzWhql/IM2HGYL/',
  ],
  [
    '808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff',
    '$2b$04$abcdefghijklmnopqrstuuqXC4/DQGKi2mLaiup0De95jxYa1LrnO',
  ],
  [
    '808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff',
    '$2y$04$abcdefghijklmnopqrstuuqXC4/DQGKi2mLaiup0De95jxYa1LrnO',
  ],
  [
    '808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff',
    '$2a$04$abcdefghijklmnopqrstuuqXC4/DQGKi2mLaiup0De95jxYa1LrnO',
  ],
  [
    '808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff',
    'abQeX8x7ieVh2',
  ],
  ['09141f2a35404b56', 'ab9HL7UQEPT86'],
  ['0a15202b36414c5762', 'abBhN9WmzrpKk'],
  ['111c27323d48535e69747f8a95a0abb6', '$1$saltsalt$vm89BMMfLBFIUHmvM4zou0'],
  ['121d28333e49545f6a75808b96a1acb7c2', '$1$saltsalt$.Co7r3g3OniaWgjUUuGf90'],
  [
    '212c37424d58636e79848f9aa5b0bbc6d1dce7f2fd09141f2a35404b56616c77',
    '$5$rounds=1000$saltstring$JXaH46TqdrvMaYhnwAsRVeyTY1cUJvBEn.5T4lisI.3',
  ],
  [
    '414c57626d78838e99a4afbac5d0dbe6f1fc08131e29343f4a55606b76818c97a2adb8c3ced9e4effa06111c27323d48535e69747f8a95a0abb6c1ccd7e2edf8',
    '$5$rounds=1000$saltstring$wHKDyTfk36ExJMtSwH4WI1UlAModjtl1Gn0D3Ulm5b1',
  ],
  [
    '414c57626d78838e99a4afbac5d0dbe6f1fc08131e29343f4a55606b76818c97a2adb8c3ced9e4effa06111c27323d48535e69747f8a95a0abb6c1ccd7e2edf8',
    '$6$rounds=1000$saltstringsalts.$Sd9lhi3CRlrm1cFwO8ZVXFE4mYLgdWKUExUoYqoNBziAzqaly1PXDr.kSkjZPUocc3YZf1aT4T6mZEmytYF5n/',
  ],
  [
    '48535e69747f8a95a0abb6c1ccd7e2edf8040f1a25303b46515c67727d88939ea9b4bfcad5e0ebf6020d18232e39444f5a65707b86919ca7b2bdc8d3dee9f4ff0b16212c37424d',
    '$2b$04$abcdefghijklmnopqrstuuDC4vApT2bVdNA44dhjnba3kI4K9X4pq',
  ],
  [
    '49545f6a75808b96a1acb7c2cdd8e3eef905101b26313c47525d68737e89949faab5c0cbd6e1ecf7030e19242f3a45505b66717c87929da8b3bec9d4dfeaf5010c17222d38434e59',
    '$2b$04$abcdefghijklmnopqrstuuPnq9Edk7ZB55Nk.hO9206xoY6m/pkl2',
  ],
  [
    '4a55606b76818c97a2adb8c3ced9e4effa06111c27323d48535e69747f8a95a0abb6c1ccd7e2edf8040f1a25303b46515c67727d88939ea9b4bfcad5e0ebf6020d18232e39444f5a65',
    '$2b$04$abcdefghijklmnopqrstuu6SKP3qQumY3yPOfRmXZTcNccupeM2sG',
  ],
  [
    '818c97a2adb8c3ced9e4effa06111c27323d48535e69747f8a95a0abb6c1ccd7e2edf8040f1a25303b46515c67727d88939ea9b4bfcad5e0ebf6020d18232e39444f5a65707b86919ca7b2bdc8d3dee9f4ff0b16212c37424d58636e79848f9aa5b0bbc6d1dce7f2fd09141f2a35404b56616c77828d98a3aeb9c4cfdae5f0fb',
    '$5$rounds=1000$saltstring$evVZTQ6baOPhRoSD1jAhNxzZr6ACV8eqwhCqjb.wW24',
  ],
  [
    '818c97a2adb8c3ced9e4effa06111c27323d48535e69747f8a95a0abb6c1ccd7e2edf8040f1a25303b46515c67727d88939ea9b4bfcad5e0ebf6020d18232e39444f5a65707b86919ca7b2bdc8d3dee9f4ff0b16212c37424d58636e79848f9aa5b0bbc6d1dce7f2fd09141f2a35404b56616c77828d98a3aeb9c4cfdae5f0fb',
    '$6$rounds=1000$saltstringsalts.$Lfh1.VZy2a4KjHenYK49eg6ESpMWkZwymHRelGx4vrxZgXekHdEa.MZwvtVFf243/VB.FRujDqqfdvKgJHUsg/',
  ],
  [
    'c1ccd7e2edf8040f1a25303b46515c67727d88939ea9b4bfcad5e0ebf6020d18232e39444f5a65707b86919ca7b2bdc8d3dee9f4ff0b16212c37424d58636e79848f9aa5b0bbc6d1dce7f2fd09141f2a35404b56616c77828d98a3aeb9c4cfdae5f0fb07121d28333e49545f6a75808b96a1acb7c2cdd8e3eef905101b26313c47525d68737e89949faab5c0cbd6e1ecf7030e19242f3a45505b66717c87929da8b3bec9d4dfeaf5010c17222d38434e59646f7a85909ba6b1bcc7d2dde8f3fe',
    '$6$rounds=1000$saltstringsalts.$Qdn4dSC8voyFa385FimAp/lXBj8XtQTFereFz54ZkmpEce5J7/RtCHOxO4fQ4C8z021kxnTChSEwujQYIxK6j/',
  ],
];
