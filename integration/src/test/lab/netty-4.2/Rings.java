package com.example.outboard.incubator;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringDatagramChannel;
import io.netty.channel.uring.IoUringIoHandler;
import java.util.concurrent.ThreadFactory;

/**
 * The sample transport on Netty 4.2: takes the place of the file of this name in samples, so that a
 * test has two plugins with classes of the same names and other contents.
 */
final class Rings {
  static final String NAME = "iouring-netty";

  private Rings() {}

  static Throwable unavailable() {
    return IoUring.unavailabilityCause();
  }

  static EventLoopGroup eventLoop(ThreadFactory threads) {
    return new MultiThreadIoEventLoopGroup(1, threads, IoUringIoHandler.newFactory());
  }

  static Class<? extends DatagramChannel> channel() {
    return IoUringDatagramChannel.class;
  }
}
