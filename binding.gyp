{
  "targets": [
    {
      "target_name": "picosocks5",
      "conditions": [
        [
          "OS=='linux'",
          {
            "sources": [
              "native/addon.c",
              "native/addon_binding.c",
              "native/addon_confine.c",
              "native/addon_construct.c",
              "native/addon_datagram.c",
              "native/addon_zone.c",
              "native/addon_delivery.c",
              "native/addon_descriptors.c",
              "native/addon_engine.c",
              "native/addon_layout.c",
              "native/addon_udp.c",
              "native/confine.c",
              "native/crypt_hash.c",
              "native/datagram.c",
              "native/delivery.c",
              "native/departure.c",
              "native/descriptors.c",
              "native/engine.c",
              "native/engine_accept.c",
              "native/engine_calls.c",
              "native/engine_events.c",
              "native/engine_open.c",
              "native/engine_udp.c",
              "native/leg.c",
              "native/legs.c",
              "native/pipes.c",
              "native/rate.c",
              "native/relay.c",
              "native/relaybulk.c",
              "native/relayend.c",
              "native/relayhome.c",
              "native/relaylimits.c",
              "native/renewal.c",
              "native/socket.c",
              "native/stall.c",
              "native/syscallfilter.c",
              "native/threads.c",
              "native/urgent.c",
              "native/wheel.c",
              "native/worker.c",
              "native/worker_mail.c"
            ],
            "defines": ["_GNU_SOURCE"],
            "cflags": [
              "-std=c11",
              "-Wall",
              "-Wextra",
              "-Wshadow",
              "-Werror",
              "-O2",
              "-fstack-protector-strong",
              "-fvisibility=hidden",
              "-U_FORTIFY_SOURCE",
              "-D_FORTIFY_SOURCE=2"
            ],
            "cflags!": ["-O3", "-fno-omit-frame-pointer"],
            "ldflags": ["-Wl,-z,relro,-z,now", "-Wl,-z,noexecstack"],
            "libraries": ["-ldl", "-lpthread"]
          },
          { "type": "none" }
        ]
      ]
    }
  ]
}
