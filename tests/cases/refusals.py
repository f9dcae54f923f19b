"""Refusals in words that the rules have no pattern for: only what the words mean tells them apart.

A line is a status and a message. Each group has its error, and words of its remedy.
"""

from __future__ import annotations

REFUSALS: dict[tuple[str, str, str], str] = {
    ("balance", "QuotaError", "not your own"): """
500 upstream provider returned 402: your account has negative balance
""",
    ("balance", "QuotaError", "Top up"): """
403 Your wallet does not cover the price of this generation (0.04 USD)
400 Not enough coins to run this tool. Buy a coin pack first.
200 You have 0 generations remaining on the Starter plan. Upgrade to continue.
403 帐户可用金额小于本次消费，请先充钱
200 您的免费体验次数已经用光
400 账户资金不足以支付本次请求
403 На вашем счету закончились деньги
200 Пополните счёт, чтобы продолжить генерацию
400 На балансе 0 ₽. Для генерации требуется минимум 5 ₽
403 ポイントが足りません。チャージしてください
200 無料枠を使い切りました。有料プランにアップグレードしてください
403 무료 사용량을 모두 사용했습니다. 결제 수단을 등록하세요
200 충전 후 이용해 주세요. 현재 보유 금액: 0원
403 No le quedan créditos. Recargue su cuenta para seguir generando.
200 Tu plan gratuito se ha agotado
402 PAYMENT_REQUIRED
429 You have used all of your monthly included image generations. Add a payment method to keep going.
403 Billing is not enabled for this project. Link a billing account.
400 Your organization has run out of prepaid funds
403 The free plan allowance has been spent, please subscribe
200 Credits exhausted: please purchase more to continue
403 令牌额度已用完，请在控制台增加额度
429 insufficient_quota: You exceeded the spend allowed for this virtual key
422 Cost of 12 credits exceeds the 4 credits available in workspace
403 Prepaid balance depleted
400 当前账户处于欠款状态，服务已暂停
200 本月赠送的点数已消耗完毕
403 The balance must be at least 5 credits
403 Su suscripción está caducada
403 Ihr Abonnement ist abgelaufen
""",
    ("limit", "RateLimitError", "Try again"): """
429 Slow down! Only 2 images may be generated every 10 seconds on this tier
200 操作太频繁了，歇一会儿再来
503 All GPUs are occupied right now, try once more in a few minutes
200 There are already 5 generations in progress for your account. Wait for one to finish.
200 系统繁忙，当前排队任务较多
503 Модель перегружена, повторите попытку через минуту
200 Слишком частые запросы
200 混み合っています。時間をおいて再試行してください
503 アクセスが集中しています
200 현재 이용자가 많아 대기 중입니다. 나중에 다시 시도해 주세요
503 El servidor está saturado. Inténtelo de nuevo en unos minutos.
200 Ha superado el número de peticiones por minuto
429 429 Too Many Requests: quota per second is 1
200 The engine is currently overloaded, please try again later
403 Request was throttled. Expected available in 41 seconds.
500 upstream error: 429 Too Many Requests
503 No capacity available for model flux-2 at the moment
529 Site is overloaded
429 接口调用次数已达今日上限
503 服务器负载过高，请一会儿重试
200 max parallel requests reached for this key
200 该账号同时生成的任务数已满
503 Wszystkie serwery są zajęte, spróbuj ponownie później
200 Одновременных запросов слишком много
200 当前为高峰期，请错峰使用
""",
    ("key", "AuthenticationError", "%nbext key"): """
403 The credentials you supplied are not recognised
400 Malformed API key: expected it to begin with "pk_"
200 鉴权失败，请检查密钥
200 未提供认证信息
403 签名校验不通过
400 Ключ API отозван
403 Токен доступа просрочен
403 認証に失敗しました
200 로그인이 필요합니다
403 인증 정보가 올바르지 않습니다
403 La clave de API no es válida o ha sido revocada
200 Token no reconocido
403 Could not validate credentials
403 Signature mismatch: check your secret
200 invalid x-api-key
403 API key disabled by its owner
200 API KEY 已被删除或禁用
400 API_KEY_INVALID: Please pass a valid API key.
403 Your key has been revoked
200 Unauthorized request: please sign in again
407 Proxy Authentication Required
403 Authorization header is missing
200 token错误或已失效，请重新获取
200 You did not provide a key
403 Подписи не совпадают
200 sk 无效
""",
    ("model", "ModelError", "%models"): """
400 flux-ultra-3 is not one of the models we host
404 There is no model by the name gpt-image-9
400 Model gpt-image-2 has reached end of life on 2026-10-01
410 This model was sunset. Migrate to gpt-image-3.
400 您请求的模型已经停止服务
503 没有可用的渠道能处理模型 gpt-image-2
200 暂不支持该模型，请更换
400 模型名称错误
404 Такой модели нет в списке
400 Модель gpt-image-2 снята с поддержки
404 このモデルは提供を終了しました
400 モデル名が正しくありません
400 지원이 종료된 모델입니다
404 해당 모델이 없습니다
404 El modelo solicitado no está disponible
400 Modelo desconocido: gpt-image-2
400 Unrecognized model id gpt-image-2
500 no provider is configured to serve gpt-image-2
404 Could not find a version of model black-forest/flux-9
200 The requested model has been disabled by the administrator
200 model offline
400 Le modèle demandé a été retiré
404 Publisher Model `imagen-9` was not found or your project does not have access to it
400 Das angeforderte Modell wird nicht mehr angeboten
404 이 모델은 더 이상 지원되지 않습니다
""",
    ("access", "AccessError", ""): """
403 Your subscription plan does not include access to model midjourney-v8
""",
    ("an option", "BadRequestError", ""): """
422 Input should be 'flux-dev', 'flux-pro' or 'sdxl' [field: model]
451 Content unavailable for legal reasons
400 不支持的尺寸 1024x1025
422 aspect ratio 7:3 not allowed
400 Недопустимый размер изображения
400 サポートされていない画像サイズです
""",
    ("content", "ModerationError", "Rephrase"): """
400 Your text trips our trust and safety rules
400 Prompt rejected: depicts a minor
200 输入内容涉嫌违反相关法律法规
400 图片中含有不宜展示的内容，生成已终止
200 提示词含有非法词汇，请修改
400 绿网检测不通过
400 Запрос содержит запрещённые слова
200 Промпт не прошёл проверку на допустимость
400 Изображение заблокировано фильтром
400 禁止されている表現が含まれています
200 生成された画像は安全フィルターによりブロックされました
400 금지된 단어가 포함되어 있습니다
200 생성 결과가 안전 필터에 의해 차단되었습니다
400 La solicitud contiene contenido prohibido
200 La imagen fue bloqueada por el filtro de seguridad
400 Your request violates our terms: graphic violence
400 We won't generate images of this person
422 The generated output was withheld because it may be explicit
200 Generation stopped by safety
500 task failed: adult content detected in result
400 contains_prohibited_content: swastika
400 NudityDetected
200 Potential copyright match: Mickey Mouse
403 Request denied by content guard
400 Votre demande a été bloquée car elle enfreint nos règles d'utilisation
400 Ihre Eingabe wurde vom Sicherheitsfilter abgelehnt
400 生成结果疑似侵权，已拦截
400 该描述触发了安全机制
""",
    ("a prompt that is too long", "BadRequestError", "Shorten"): """
400 prompt: string too long, at most 1000 characters
422 ensure this value has at most 2048 characters (prompt)
400 提示词长度超过限制（最大800字）
400 This model's maximum context length is 4096 tokens, your messages resulted in 9000
400 Промпт слишком длинный (максимум 1000 символов)
400 プロンプトが長すぎます
400 프롬프트는 1000자를 초과할 수 없습니다
400 El texto es demasiado largo
""",
    ("a picture that is too large", "BadRequestError", "smaller"): """
413 Payload too large
400 Image file exceeds the 10MB maximum
400 图片大小不能超过5M
422 Reference image is too big: 9000x9000, maximum is 4096 px per side
400 Файл слишком большой
400 画像サイズが大きすぎます
200 图片尺寸超出限制
400 Too many input images: 20 given, the limit is 16
""",
    ("place", "AccessError", "country"): """
403 This service cannot be used from your current location
451 Not offered in the European Union
403 您所在的地区暂未开放此服务
403 Сервис недоступен в вашем регионе
403 お住まいの地域ではご利用いただけません
403 현재 지역에서는 사용할 수 없는 서비스입니다
200 Access from mainland China IPs is blocked by the provider
403 Servicio no disponible en su país
400 User location is outside of the served territories
""",
    ("account", "AccessError", "support"): """
403 This account has been locked for unusual activity
200 您的帐户已被冻结，请联系客服
403 User has been blocked
403 Ваша учётная запись заморожена
403 アカウントが停止されています
200 계정이 정지되었습니다
403 Su cuenta ha sido suspendida
400 Organization is disabled
""",
    ("maintenance", "ServerError", "later"): """
503 We're performing scheduled upgrades and will be back at 14:00 UTC
503 系统升级中，暂停服务
503 Ведутся технические работы
200 ただいまシステムメンテナンス中です
503 서비스 점검 시간입니다
200 服务维护，预计两小时后恢复
503 Estamos realizando tareas de mantenimiento
""",
    ("timeout", "TimedOutError", ""): """
500 context deadline exceeded (Client.Timeout exceeded while awaiting headers)
200 上游请求超时
500 Read timed out. (read timeout=300)
200 Превышено время ожидания ответа от провайдера
500 生成超时，请重试
408 Request Timeout
200 Upstream idle timeout exceeded
502 upstream timed out (110: Connection timed out)
500 The task was cancelled due to timeout
""",
    ("failure", "ServerError", ""): """
500 NoneType object has no attribute 'images'
500 内部错误
530 error code: 1016
""",
}

# What models say in place of a picture.
SPOKEN: dict[str, str] = {
    "QuotaError": """
❌ 抱歉，您的剩余积分（3）低于本次绘图所需积分（20），请购买套餐后再来～
⚠️ **Недостаточно генераций.** Купите пакет в личном кабинете.
""",
    "RateLimitError": """
🚦 当前使用人数过多，请稍候几分钟再发送
I've hit the image generation limit for now. I'll be able to make more images in 3 hours.
""",
    "ModelError": """
抱歉，该模型目前已暂停使用，请切换到其他模型。
""",
    "ModerationError": """
I'm sorry, but that falls outside what I'm allowed to depict.
很抱歉，这个请求不符合我们的使用规范，我没办法把它画出来。
申し訳ありませんが、その画像を作ることはできません。
К сожалению, я не буду рисовать такое изображение.
Lo siento, pero no voy a poder crear esa imagen.
""",
}
