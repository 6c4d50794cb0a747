package dev.outboard.engine.vhostuser;

import dev.outboard.engine.virtqueue.SplitRing;
import dev.outboard.engine.worker.CallLine;
import dev.outboard.linux.FileDescriptors;

/** What the front-end has said of one virtqueue so far. The control thread. */
final class Vring {
  int size;
  int base;
  long descriptors;
  long avail;
  long used;
  boolean addressesKnown;

  /** A kick fd has come, or the word that there is none: the ring may run. */
  boolean started;

  boolean enabled;
  int kick = -1;
  CallLine call;
  int error = -1;

  boolean isReady() {
    return started && addressesKnown && size != 0;
  }

  SplitRing.Layout layout() {
    return new SplitRing.Layout(size, base, descriptors, avail, used);
  }

  void setKick(int fd) {
    if (kick >= 0) {
      FileDescriptors.close(kick);
    }
    kick = fd;
  }

  void setCall(CallLine line) {
    if (call != null) {
      call.close();
    }
    call = line;
  }

  void setError(int fd) {
    if (error >= 0) {
      FileDescriptors.close(error);
    }
    error = fd;
  }

  void stop() {
    started = false;
    setKick(-1);
  }

  void close() {
    stop();
    setCall(null);
    setError(-1);
  }
}
