package dev.outboard.engine;

import dev.outboard.engine.worker.GuestUplink;

/** A port that a guest has for itself, and the uplink that it is on. */
record OwnPort(Uplink uplink, GuestUplink port) {
  void close() {
    port.port().close();
  }
}
