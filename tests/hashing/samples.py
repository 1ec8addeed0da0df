"""Hashes of every kind, as the systems' own libraries wrote them or their documentation has them."""

GOOD = "correct horse battery"
LONG = "long " * 30 + "end"  # 153 bytes
PEPPER = "a5c1f0" * 20

# Django 5.2.19: get_hasher(…).encode(GOOD, salt), at low costs.
DJANGO = [
    "pbkdf2_sha256$1000$OTJeqsuhnjqHfdj9FeyPwy$DSKW40NbTm2XUYa5woxX8stUuawl0Ida50tGpcSoECQ=",
    "pbkdf2_sha1$1000$fehcmdOMxSU9eaCfDAhCs0$8R8ChPFp6HkINd2Gpfj72sdHS3o=",
    "argon2$argon2id$v=19$m=1024,t=2,p=8$TGxOY2ZGbk1TdjVxekt4c3E2ZXh3YQ$TZ0YR5i3Cg6weMRMF5f4hwDodXh99YXxa1tt7eHCeCA",
    "bcrypt_sha256$$2b$04$r7m8LBqhbTgYzLJq2AY5b.IzQ4qttIcjlKys4yPBk5sMpM1wY/m1S",
    "bcrypt$$2b$04$1hlYF5UA.Ea1YPk.I.gThuq2S.uWuldAf2N8QplBznl1Zl7MwfaZ2",
    (
        "scrypt$1024$lxKuzM4MJkMcGg5jJOTtAX$8$5"
        "$St6r/EhXNuz79w5xVnFSKRWPPveCW5KF797opWXlbAYRbF3bauxtHkbg253ZcLSUI+/h3vevHpg59j7wYtgHUQ=="
    ),
]
DJANGO_LONG = [
    "pbkdf2_sha256$1000$gy6mBhNh7VX11s7x9Gi2x9$kcSJsVwD4gaQjycYmmk6LnXeWS6qdWfjPSNPkC3FhqA=",
    "pbkdf2_sha1$1000$BcpoyZYUXINYGkIKEdDzLE$SByrtovw9pQD4LUfqJ8eg32jPrE=",
    "argon2$argon2id$v=19$m=1024,t=2,p=8$dlJLWVFUVG82ejRrMElaVGlqTUNzaA$eqyrS0EYSAUG+hiq6P3mNGe4NetCGFMJCIE2okGacF4",
    "bcrypt_sha256$$2b$04$L4xg3S1huNSXFjL60/2pReg6ZUVPhjE8REk/6RsCauLpk6Qgsrbdq",
    (
        "scrypt$1024$dhHYWyLCLJ2QGIAWhijTeR$8$5"
        "$7VDphywN6OI3C7vMqVOr6DAzSskBNA+vuYt0Ju7/1kU2SY7s8PgSXPpb05OauPknJ8Sn3NOTbrBby1mUwfXF1A=="
    ),
]
# argon2-cffi 25.1: PasswordHasher(…).hash(GOOD), and low_level.hash_secret for version 16; then PHP 8.2's.
ARGON2 = [
    "$argon2id$v=19$m=1024,t=2,p=2$jcYrgDDWmwyhiOxF4vhlzw$7MPOWw4sAb3jPd2eJb63ssOCmH44I6Rfwv7jgP0qTGE",
    "$argon2i$v=19$m=1024,t=2,p=2$W6vNsgzrSxijhvGJ5sr58w$LpsKHwYRiXfmmlfyhZLjzrgqemTHapKXkfGeRTh2www",
    "$argon2d$v=19$m=1024,t=2,p=2$uuCbpMud7GUvbul47Z6KvQ$SwDjg0m0/FfpxcPfECLtUNbixf2wGdDxMw4Y+vUxhGA",
    "$argon2i$v=16$m=1024,t=2,p=1$c29tZXNhbHQ$laV2zlVQh38nLUQ8aiZlbjD/WYWmqD3128ifqixlsVM",
    "$argon2id$v=19$m=1024,t=2,p=1$Z1NSbUNxU3p1ZERFa3J5aw$ToRtMfP3WEQSnQnWQrxOUtFRFVyTvxjR4pAZDrNkLSc",
]
# libpass 1.9.4: scrypt, pbkdf2_sha1, pbkdf2_sha256, pbkdf2_sha512 and phpass, .using(rounds=…).hash(GOOD).
SCRYPT = "$scrypt$ln=10,r=8,p=1$pdT6vxei9J5TSsk5R0jpXQ$iEyQSHY3IDZlufXVw9QRK0BpQnV9fw+7dDvGjmcoI5A"
PBKDF2 = [
    "$pbkdf2$1000$IcS4l3JuzfkfAwCglHLOOQ$QQ3o3b.gcWD61rxsoR/bhmPeDVI",
    "$pbkdf2-sha256$1000$rHWuVYpxLsWYk5JSinFuLQ$Vh42vfliGsBnyGWehU7rCfqxXEKfl6WvkQPN6rdv4pw",
    (
        "$pbkdf2-sha512$1000$ZCzFOEfoXUtJKUXoHcO4lw"
        "$qxkfez1yJZDFO0fLJfibRdZv6Btc.wHibUOmkdYbxPGcwnaXUWD6iVdvXJGKDdyrqSoLWCDkE4JocKJmnd7Zxg"
    ),
]
PHPASS = ["$P$5jaFuCRtKjhAaFdn5r83ObNyokdMzP1", "$H$5JJIVZBiHX3ZfELGh9UjexDRkhs1Vb/"]
# PHP 8.2: password_hash(…, PASSWORD_BCRYPT) of what wp_hash_password() of WordPress 6.8 makes of both.
WORDPRESS = "$wp$2y$04$HGH6gaaKnylqHpJgzTKFm.lgR6mkdD64ERbKBqyixd1ipGUQrtlhG"
WORDPRESS_LONG = "$wp$2y$04$9v/iJ6aNswfl3PUW7.dKMeEc6Cc7h.FXmxbhB0oRCSCZ55VFeHLmq"
# PHP 8.2: password_hash(…, PASSWORD_BCRYPT).
PHP_UMLAUTS = ("Grüße, 世界", "$2y$05$iXFgO24A0yjaahnqTjRxB.zVARvaGtr6JmR0w0DOa2NZjL2q6eT2i")
# Ruby's bcrypt 3.1.18 of "#{password}#{pepper}", as Devise::Encryptor.digest does.
DEVISE = [
    (GOOD, "$peppered$$2a$04$LVzbAi9YHHRXHrG9yiQunOhBoVRL5DRAZSU22/YkK8Me4bwh5uQyq"),
    ("short", "$peppered$$2a$04$IGQfujTvIcc5.fjFNeBEee9jpohow905ctzpTom2StyoQQkmHMrU2"),
    ("x" * 72, "$peppered$$2a$04$eVqhMO7Fik8XwlB0Acj9MuIiWEwFMkKXbFbSYhjHca/gAzMOU02hG"),
]
# Drupal 7: hashcat's example, DokuWiki's tests of its import, and there one that was upgraded from version 6.
DRUPAL = [
    ("hashcat", "$S$C33783772bRXEx1aCsvY.dqgaaSu76XmVlKrW9Qu8IQlvxHlmzLf"),
    ("drupal_sha512", "$S$D7JxIm0f7QKO3zjwVS1RH4AW8sYvmLjO0.Rn4swH0JVt6OrZ4yzZ"),
    ("pouette1234", "U$S$9c47LGZuhR6TvhRQXzymkJIQ3mXthUCc6KDEGTt4B7eOL/H9Ykuy"),
]
# The example in the documentation of Firebase's own scrypt tool, in the form of an import.
FIREBASE = (
    "user1password",
    (
        "$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,"
        "sk=jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=="
        "$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ=="
    ),
)
# crypt_blowfish's own test of the old fault: with it these two have one hash.
CRYPT_BLOWFISH_2X = "$2x$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e"

EVERY_KIND = [
    *((GOOD, hashed) for hashed in (*DJANGO, *ARGON2, SCRYPT, *PBKDF2, *PHPASS, WORDPRESS)),
    # PHP 8.2: crypt(…, "$2x$05$…").
    ("Grüße, 世界", "$2x$05$/OK.fbVrR/bpIqNJ5ianF.zrP6n8ZjndWQjwom7yFFyy/36AYV4bu"),
    PHP_UMLAUTS,
    *DRUPAL,
    FIREBASE,
    *DEVISE,
]
OF_LONG_PASSWORDS = [*DJANGO_LONG, WORDPRESS_LONG]
