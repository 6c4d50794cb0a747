package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.engine.handover.GuestState;
import dev.outboard.guest.FrameCheck;
import dev.outboard.guest.FrameTemplate;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.vhost.VhostUserFrontend;
import dev.outboard.guest.vhost.VhostUserMessage;
import dev.outboard.guest.vhost.VhostUserRequest;
import dev.outboard.isolation.Shared;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.LinuxException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One sidecar's guests are taken over by another; both are in this process, the guests notice
 * nothing.
 */
class HandOverTest {
  private static final int FRAMES = 2_000_000;
  private static final int WINDOW = 200;

  private static int copy(int file) {
    try {
      return FileDescriptors.duplicate(file);
    } catch (LinuxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Engine takeOver(TestHost host, Engine from, GuestSpec... specs) throws Exception {
    Engine next =
        Engine.start(EngineSettings.defaults(), new Shared(), Engine.epoll(), host.problems::add);
    List<GuestState> states = from.handOver();
    assertEquals(specs.length, states.size());
    for (int i = 0; i < specs.length; i++) {
      assertEquals(specs[i].id(), states.get(i).id());
      next.adopt(specs[i], states.get(i).withFiles(HandOverTest::copy));
    }
    next.resume();
    return next;
  }

  private static CompletableFuture<FrameCheck> load(VhostUserGuest from, VhostUserGuest to) {
    FrameTemplate template =
        FrameTemplate.raw(TestHost.endpoint(1), TestHost.endpoint(2), 100).withContent();
    FrameCheck check = new FrameCheck(template);
    return CompletableFuture.supplyAsync(
        () -> {
          TestHost.stream(from, to, template, check, FRAMES, WINDOW);
          return check;
        });
  }

  private static void assertAllCameOnce(FrameCheck check) {
    assertEquals(FRAMES, check.frames());
    assertEquals(0, check.lost() + check.late() + check.corrupt());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void underLoadNoFrameIsLostOrRepeated(boolean packed) throws Exception {
    GuestOptions options = packed ? GuestOptions.PACKED : GuestOptions.DEFAULT;
    try (TestHost host = new TestHost()) {
      VhostUserGuest from = host.start(host.spec(1), options);
      VhostUserGuest to = host.start(host.spec(2), options);
      CompletableFuture<FrameCheck> load = load(from, to);
      Engine now = host.engine;
      int handOvers = 0;
      while (!load.isDone()) {
        Engine next = takeOver(host, now, host.spec(1), host.spec(2));
        if (now != host.engine) {
          now.close();
        }
        now = next;
        handOvers++;
        Thread.sleep(20);
      }
      try {
        assertAllCameOnce(load.get());
        assertTrue(handOvers > 5, "hand-overs: " + handOvers);
        assertEquals(0, from.driver().missingBuffers() + to.driver().missingBuffers());
        assertEquals(GuestStatus.State.RUNNING, now.guest("g1").state());
      } finally {
        now.close();
      }
    }
  }

  @Test
  void whatNobodyTakesOverGoesOn() throws Exception {
    try (TestHost host = new TestHost()) {
      VhostUserGuest from = host.start(1);
      VhostUserGuest to = host.start(2);
      CompletableFuture<FrameCheck> load = load(from, to);
      while (!load.isDone()) {
        assertEquals(2, host.engine.handOver().size());
        host.engine.resume();
        Thread.sleep(20);
      }
      assertAllCameOnce(load.get());
    }
  }

  @Test
  void aGuestWhoseVmmIsNotThereConnectsToTheNextSidecar() throws Exception {
    try (TestHost host = new TestHost()) {
      host.engine.attach(host.spec(1));
      try (Engine next = takeOver(host, host.engine, host.spec(1));
          VhostUserGuest _ = VhostUserGuest.start("g1", GuestOptions.DEFAULT, host.connect(1))) {
        TestHost.await(() -> state(next) == GuestStatus.State.RUNNING);
        assertEquals(GuestStatus.State.WAITING, host.status("g1").state());
      }
    }
  }

  private static GuestStatus.State state(Engine engine) {
    try {
      return engine.guest("g1").state();
    } catch (EngineException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aMessageOfWhichHalfHasComeIsGoneOnWith() throws Exception {
    try (TestHost host = new TestHost()) {
      host.engine.attach(host.spec(1));
      try (VhostUserFrontend frontend = host.connect(1)) {
        long features = frontend.getFeatures();
        byte[] message =
            VhostUserMessage.bytes(
                VhostUserRequest.GET_FEATURES.number(), VhostUserMessage.VERSION, 0, new byte[0]);
        frontend.channel().sendRaw(Arrays.copyOf(message, 5));
        TestHost.await(() -> host.status("g1").state() == GuestStatus.State.CONNECTED);
        try (Engine next = takeOver(host, host.engine, host.spec(1))) {
          assertEquals(GuestStatus.State.CONNECTED, state(next));
          frontend.channel().sendRaw(Arrays.copyOfRange(message, 5, message.length));
          assertEquals(features, frontend.channel().receive().payload().getLong());
        }
      }
    }
  }

  @Test
  void meanwhileNoGuestComesOrGoes() throws Exception {
    try (TestHost host = new TestHost()) {
      host.engine.attach(host.spec(1));
      assertNull(host.engine.handOver().getFirst().session());
      EngineException attach =
          assertThrows(EngineException.class, () -> host.engine.attach(host.spec(2)));
      assertTrue(attach.getMessage().contains("being handed over"), attach.getMessage());
      assertThrows(EngineException.class, () -> host.engine.detach("g1"));
      assertThrows(EngineException.class, host.engine::handOver);
      host.engine.resume();
      host.engine.detach("g1");
    }
  }

  @Test
  void aGuestThatIsDeclaredOtherwiseNowIsRefused() throws Exception {
    try (TestHost host = new TestHost();
        Engine next =
            Engine.start(EngineSettings.defaults(), new Shared(), Engine.epoll(), x -> {})) {
      host.engine.attach(host.spec(1));
      GuestState state = host.engine.handOver().getFirst().withFiles(HandOverTest::copy);
      EngineException refused =
          assertThrows(EngineException.class, () -> next.adopt(host.spec(2), state));
      assertTrue(refused.getMessage().contains("guest 'g2': its socket is at "), refused + "");
      host.engine.resume();
    }
  }
}
