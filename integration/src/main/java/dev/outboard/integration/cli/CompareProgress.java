package dev.outboard.integration.cli;

import dev.outboard.integration.compare.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * A bar on stderr if that is a terminal, else nothing. Used by {@link CompareCommand} and {@link
 * FiguresCommand}.
 */
final class CompareProgress implements Progress, AutoCloseable {
  private static final Path STDERR = Path.of("/proc/self/fd/2");
  private static final int MILLIS = 500;

  private final String task;
  private ProgressBar bar;
  private int done = -1;

  /** Of a command of this name. */
  CompareProgress(String task) {
    this.task = task;
  }

  @Override
  public void begin(int steps) {
    if (isTerminal()) {
      bar =
          new ProgressBarBuilder()
              .setTaskName(task)
              .setInitialMax(steps)
              .setStyle(ProgressBarStyle.ASCII)
              .setUpdateIntervalMillis(MILLIS)
              .build();
    }
  }

  @Override
  public void step(String what) {
    done++;
    if (bar != null) {
      bar.setExtraMessage(what);
      bar.stepTo(done);
    }
  }

  private static boolean isTerminal() {
    try {
      String target = Files.readSymbolicLink(STDERR).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
