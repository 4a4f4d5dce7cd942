def main(arguments: object) -> int:
    return 0
