package dev.outboard.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** Threads on CPUs, and the process as a whole. */
class ThreadsTest {
  @Test
  void aPinnedThreadRunsWhereItWasPinned() throws Exception {
    int[] all = Threads.allowedCpus();
    assertTrue(all.length > 0);
    int last = all[all.length - 1];
    FutureTask<Integer> task =
        new FutureTask<>(
            () -> {
              Threads.pinCurrentThread(last);
              assertArrayEquals(new int[] {last}, Threads.allowedCpus());
              return Threads.currentCpu();
            });
    Thread.ofPlatform().start(task).join();
    assertEquals(last, task.get());
    assertArrayEquals(all, Threads.allowedCpus());
    LinuxException e = assertThrows(LinuxException.class, () -> Threads.pinCurrentThread(8000));
    assertEquals("pin the thread to CPUs [8000]: Invalid argument (EINVAL)", e.getMessage());
    assertThrows(LinuxException.class, () -> Threads.pinCurrentThread(-1));
  }

  @Test
  void theOpenFileLimitOnlyRises() throws Exception {
    long before = Processes.openFileLimit();
    long after = Processes.raiseOpenFileLimit();
    assertTrue(after >= before, before + " to " + after);
    assertEquals(after, Processes.openFileLimit());
  }

  @Test
  void knowsWhichProcessesExist() {
    assertTrue(Processes.exists((int) ProcessHandle.current().pid()));
    assertTrue(Processes.exists(1));
    assertFalse(Processes.exists(0));
    assertFalse(Processes.exists(Integer.MAX_VALUE));
  }

  /** A child asks to die with its parent: a thread of ours that starts it and then ends. */
  @Test
  void aProcessDiesWithTheThreadThatStartedIt() throws Exception {
    Process[] child = new Process[1];
    FutureTask<Object> parent =
        new FutureTask<>(
            () -> {
              child[0] =
                  new ProcessBuilder(
                          Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                          "--enable-native-access=ALL-UNNAMED",
                          "-Xmx32m",
                          "-cp",
                          System.getProperty("java.class.path"),
                          Mortal.class.getName())
                      .redirectError(ProcessBuilder.Redirect.INHERIT)
                      .start();
              assertEquals('r', child[0].getInputStream().read());
              assertTrue(child[0].isAlive());
              return null;
            });
    Thread thread = Thread.ofPlatform().start(parent);
    parent.get();
    thread.join();
    assertEquals(128 + 9, child[0].waitFor());
    assertTrue(Files.notExists(Path.of("/proc", String.valueOf(child[0].pid()), "exe")));
  }

  /** Says that it is ready, then waits to be killed. */
  static final class Mortal {
    public static void main(String[] arguments) throws Exception {
      Processes.dieWithParent();
      System.out.print('r');
      System.out.flush();
      Thread.sleep(60_000);
    }
  }
}
