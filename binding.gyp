{
  "targets": [
    {
      "target_name": "picosocks5",
      "conditions": [
        [
          "OS=='linux'",
          {
            "sources": [
              "native/addon/addon.c",
              "native/addon/addon_binding.c",
              "native/addon/addon_confine.c",
              "native/addon/addon_construct.c",
              "native/addon/addon_datagram.c",
              "native/addon/addon_zone.c",
              "native/addon/addon_delivery.c",
              "native/addon/addon_descriptors.c",
              "native/addon/addon_engine.c",
              "native/addon/addon_layout.c",
              "native/addon/addon_method.c",
              "native/addon/addon_relay.c",
              "native/addon/addon_udp.c",
              "native/unix/address.c",
              "native/unix/confine.c",
              "native/unix/crypt_hash.c",
              "native/unix/datagram.c",
              "native/unix/delivery.c",
              "native/unix/departure.c",
              "native/unix/descriptors.c",
              "native/engine/engine.c",
              "native/engine/engine_accept.c",
              "native/engine/engine_calls.c",
              "native/engine/engine_events.c",
              "native/engine/engine_open.c",
              "native/engine/engine_relays.c",
              "native/engine/engine_udp.c",
              "native/leg/leg.c",
              "native/leg/legs.c",
              "native/leg/rate.c",
              "native/leg/wheel.c",
              "native/relay/pipes.c",
              "native/relay/relay.c",
              "native/relay/relay_bulk.c",
              "native/relay/relay_end.c",
              "native/relay/relay_home.c",
              "native/relay/relay_limits.c",
              "native/relay/relay_move.c",
              "native/relay/renewal.c",
              "native/unix/socket.c",
              "native/unix/socket_options.c",
              "native/relay/stall.c",
              "native/unix/syscall_filter.c",
              "native/unix/threads.c",
              "native/relay/urgent.c",
              "native/relay/worker.c",
              "native/relay/worker_mail.c"
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
    },
    {
      "target_name": "pis5tickets",
      "conditions": [
        [
          "OS=='linux'",
          {
            "type": "executable",
            "product_extension": "",
            "sources": [
              "native/tickets/channel.c",
              "native/tickets/jail.c",
              "native/tickets/kerberos.c",
              "native/tickets/standby.c",
              "native/tickets/tickets.c"
            ],
            "defines": ["_GNU_SOURCE"],
            "cflags": [
              "-std=c11",
              "-Wall",
              "-Wextra",
              "-Wshadow",
              "-Werror",
              "-O2",
              "-fPIE",
              "-fstack-protector-strong",
              "-U_FORTIFY_SOURCE",
              "-D_FORTIFY_SOURCE=2"
            ],
            "cflags!": ["-O3", "-fno-omit-frame-pointer", "-fPIC"],
            "ldflags": ["-pie", "-Wl,-z,relro,-z,now", "-Wl,-z,noexecstack"],
            "ldflags!": ["-rdynamic"],
            "libraries": ["-ldl"]
          },
          { "type": "none" }
        ]
      ]
    }
  ]
}
