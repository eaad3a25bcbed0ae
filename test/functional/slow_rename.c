/* Preloaded into a process, it makes each rename onto a commit of a Delta log wait, so that the moment between
   "is it there?" and the rename is long enough for a test. Gives word by creating the file that SLOW_RENAME_SIGN names. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int rename(const char *from, const char *to) {
  int (*real)(const char *, const char *) = (int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename");
  size_t length = strlen(to);
  const char *sign = getenv("SLOW_RENAME_SIGN");
  if (sign != NULL && access(sign, F_OK) != 0 && strstr(to, "_delta_log/0") != NULL && length > 5 &&
      strcmp(to + length - 5, ".json") == 0 && strstr(to, "00001.json") != NULL) {
    close(open(sign, O_CREAT | O_WRONLY, 0600));
    sleep(15);
  }
  return real(from, to);
}
