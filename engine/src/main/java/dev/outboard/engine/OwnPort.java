package dev.outboard.engine;

import dev.outboard.engine.worker.GuestPort;

/** A port that a guest has for itself, and the uplink that it is on. */
record OwnPort(Uplink uplink, GuestPort port) {
  void close() {
    port.port().close();
  }
}
