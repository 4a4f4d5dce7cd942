/* A portrait library as makers ship them, in the ways that they differ and the ways that they fail. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WIDTH = 102, HEIGHT = 126, BMP_ROW = WIDTH * 3 + 2, BMP_HEAD = 54 };

static void draw(const unsigned char *wlt, unsigned char *picture, int row_bytes)
{
    for (int row = 0; row < HEIGHT; row++)
        for (int column = 0; column < WIDTH; column++) {
            unsigned char *pixel = picture + (HEIGHT - 1 - row) * row_bytes + column * 3;
            pixel[0] = row;
            pixel[1] = column;
            pixel[2] = wlt[10];
        }
}

int unpack_two(char *wlt, char *picture)
{
    draw((unsigned char *)wlt, (unsigned char *)picture, WIDTH * 3);
    return 1;
}

int unpack(char *wlt, char *picture, int save)
{
    return save ? -1 : unpack_two(wlt, picture);
}

int unpack_zero(char *wlt, char *picture, int save)
{
    unpack_two(wlt, picture);
    return 0;
}

int unpack_prints(char *wlt, char *picture, int save)
{
    printf("%s", wlt);
    fprintf(stderr, "%s", wlt);
    fflush(NULL);
    return unpack_two(wlt, picture);
}

int unpack_bmp(char *wlt, char *picture, int save)
{
    static const unsigned char head[BMP_HEAD] = {
        'B', 'M', 0xCE, 0x97, 0, 0, 0, 0, 0, 0, BMP_HEAD, 0, 0, 0, 40, 0, 0, 0, WIDTH, 0, 0, 0, HEIGHT, 0, 0, 0,
        1, 0, 24, 0};
    memset(picture, 0, BMP_HEAD + HEIGHT * BMP_ROW);
    memcpy(picture, head, sizeof head);
    draw((unsigned char *)wlt, (unsigned char *)picture + BMP_HEAD, BMP_ROW);
    return 1;
}

int half_a_bmp(char *wlt, char *picture, int save)
{
    unpack_bmp(wlt, picture, save);
    picture[3] = 0x10;
    return 1;
}

int refuses(char *wlt, char *picture, int save)
{
    unpack_two(wlt, picture);
    return -5;
}

int does_nothing(char *wlt, char *picture, int save)
{
    return 1;
}

int crash(char *wlt, char *picture, int save)
{
    volatile char *nowhere = NULL;
    return *nowhere;
}

int hang(char *wlt, char *picture, int save)
{
    for (;;)
        pause();
}

int greedy(char *wlt, char *picture, int save)
{
    return malloc((size_t)2 << 30) ? unpack_two(wlt, picture) : -1;
}

int writes_file(char *wlt, char *picture, int save)
{
    /* Beside itself: makers' libraries write into the current folder, which is the root here. */
    Dl_info self;
    char path[4096];
    dladdr((void *)writes_file, &self);
    snprintf(path, sizeof path, "%s.bmp", self.dli_fname);
    FILE *file = fopen(path, "wb");
    int written = file ? fwrite(wlt, 1, 1024, file) == 1024 && fclose(file) == 0 : 0;
    return written ? unpack_two(wlt, picture) : -1;
}
