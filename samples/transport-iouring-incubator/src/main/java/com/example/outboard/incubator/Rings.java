package com.example.outboard.incubator;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.DatagramChannel;
import io.netty.incubator.channel.uring.IOUring;
import io.netty.incubator.channel.uring.IOUringDatagramChannel;
import io.netty.incubator.channel.uring.IOUringEventLoopGroup;
import java.util.concurrent.ThreadFactory;

/** All that is particular to the incubator's io_uring: the rest of this transport is plain Netty. */
final class Rings {
  /** What users call this transport. */
  static final String NAME = "iouring-incubator";

  private Rings() {}

  /** Why there can be no ring here, or null. */
  static Throwable unavailable() {
    return IOUring.unavailabilityCause();
  }

  /** One event loop, which has a ring and a thread. */
  static EventLoopGroup eventLoop(ThreadFactory threads) {
    return new IOUringEventLoopGroup(1, threads);
  }

  /** A UDP socket of that event loop. */
  static Class<? extends DatagramChannel> channel() {
    return IOUringDatagramChannel.class;
  }
}
